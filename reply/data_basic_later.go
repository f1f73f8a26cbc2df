package reply

// basicLater is the refusals for now: 4yz.
var basicLater = []basicEntry{
	{421, entry{
		id: "basic/421", title: "service not available, connection closed",
		meaning: "The server can't or won't serve this client now and hangs up. It may say so at any point, even in place of its greeting.",
		causes: []string{
			"Too many connections or mails came from your address in a short time, and the server is shedding load.",
			"The server is being restarted or shut down.",
			"The client kept the line open and said nothing for too long.",
			"A filter dislikes the address that you come from and hangs up before it hears more.",
		},
		fixes: []Fix{
			{Controls, "Wait five minutes before the next mail. Put a timer in front of the box's rung, so that a chattering alarm can't ask again and again."},
			{IT, "Look in the server's log at that minute: it says whether a limit, a restart or a block list was behind it. Raise the limit for the plant's address if it was the limit."},
			{Provider, "Where the text names a rate or a reputation, ask the provider what is allowed and for how long you are held off."},
		},
		retry:   RetryLater,
		sources: []string{"RFC 5321 section 4.2.3", "ECEMAIL theory of operation", "list of ESMTP status codes, 2002", "guide to SMTP and device error codes", "list of SMTP reply codes"}, see: []string{"basic/450", "basic/451", "enhanced/4.2", "enhanced/3.2"},
	}},
	{422, entry{
		id: "basic/422", title: "account isn't ready (rare)",
		meaning: "A rare number. The registry of mail codes sets it beside X.7.12, where the account has to change over to a new way of storing its password.",
		causes: []string{
			"The account's password has to be renewed before this way of logging in can work.",
			"Some servers are reported to use it for a mailbox over its limit; their text says so.",
		},
		fixes: []Fix{
			{IT, "Go by the text. If it speaks of a password, log in once by hand as that account; if it speaks of storage, have the mailbox emptied."},
		},
		retry:   RetryLater,
		sources: []string{"RFC 5248", "IANA registry of enhanced codes"}, see: []string{"basic/432", "enhanced/7.12", "enhanced/2.2"},
	}},
	{430, entry{
		id: "basic/430", title: "command not taken at present (rare)",
		meaning: "A rare number. The registry sets it beside X.5.1, a command that the server doesn't accept.",
		causes: []string{
			"The server has switched off a command that it otherwise has, or meets it at a point where it wants none.",
		},
		fixes: []Fix{
			{IT, "Find in the trace the command that stands before it and look that one up in the server's settings."},
		},
		retry:   RetryLater,
		sources: []string{"RFC 5248", "IANA registry of enhanced codes"}, see: []string{"basic/500", "basic/502", "enhanced/5.1"},
	}},
	{432, entry{
		id: "basic/432", title: "password change-over needed, or too many connections",
		meaning: "By the standard the account must change over to a new form of its password. Exchange Online uses the same number to say that too many sessions are open.",
		causes: []string{
			"More than three sessions were open at once for one mailbox of Exchange Online; the text then has 4.3.2 and speaks of concurrent connections.",
			"The server stores passwords in a new form and has none for this account until somebody logs in once in the old way.",
		},
		fixes: []Fix{
			{Controls, "Let the boxes and devices that share the account send one after the other, not all on the same alarm bit."},
			{IT, "Put one relay between the plant and the provider, so that a single queue talks to the account. If it is about the password, set it anew or log in once by webmail."},
		},
		retry:   RetryLater,
		sources: []string{"RFC 4954 section 6", "ECEMAIL theory of operation", "list of SMTP reply codes", "Microsoft Learn"}, see: []string{"enhanced/7.12", "enhanced/3.2", "basic/422", "basic/534"},
	}},
	{450, entry{
		id: "basic/450", title: "mailbox can't be reached for now",
		meaning: "The server didn't deliver this time. The mailbox is busy or locked, or the server doesn't yet want mail from you for it.",
		causes: []string{
			"Greylisting: the server turns every unknown sender away once and takes the same mail some minutes later.",
			"The mailbox is in use by another process, being moved or being repaired.",
			"The address doesn't exist, and this server says so in the soft form.",
			"The far server doesn't want mail from your IP address, your From address or for that recipient, at least for now.",
			"The line to the far server dropped while the mail was under way.",
			"An ATRN request, by which a site fetches its waiting mail, was turned down.",
		},
		fixes: []Fix{
			{Controls, "Send again after five to fifteen minutes, from the same sender address: greylisting counts a change of sender as a stranger again."},
			{Operator, "If it stays for a day, read the address in the To line letter by letter against the address book."},
			{IT, "Let the plant send to a relay of yours that keeps a queue and tries again. Check that its address has reverse DNS and stands on no block list."},
			{Provider, "The recipient's administrator can see in the log why the mailbox is held and can put your sender on the allow list."},
		},
		retry:   RetryLater,
		sources: []string{"RFC 5321 section 4.2.3", "RFC 2645", "ECEMAIL theory of operation", "list of ESMTP status codes, 2002", "guide to SMTP and device error codes", "list of SMTP reply codes"}, see: []string{"basic/451", "basic/550", "enhanced/2.1", "enhanced/2.0"},
	}},
	{451, entry{
		id: "basic/451", title: "fault on the server's side",
		meaning: "The server broke the mail off for a reason of its own. The mail itself was in order.",
		causes: []string{
			"The server is overloaded because too many mails reached it together.",
			"Something it leans on didn't answer: DNS, the directory, the virus scanner or the spam filter.",
			"Greylisting under another number: come again in a few minutes.",
			"A passing event on the way stopped a mail that was good in itself.",
			"An ATRN request can't be dealt with at the moment.",
		},
		fixes: []Fix{
			{Controls, "Leave the program alone and send again after ten minutes. Only if it fails all day is it more than a passing fault."},
			{IT, "Look for full disks, a dead scanner or DNS time-outs on the mail server at that minute; its log has more than the reply."},
			{Provider, "If the refusal comes from the recipient's side for hours, send its administrator the time and the whole reply line."},
		},
		retry:   RetryLater,
		sources: []string{"RFC 5321 section 4.2.3", "RFC 2645", "ECEMAIL theory of operation", "list of ESMTP status codes, 2002", "guide to SMTP and device error codes", "list of SMTP reply codes"}, see: []string{"basic/450", "enhanced/3.0", "enhanced/4.3", "enhanced/7.24"},
	}},
	{452, entry{
		id: "basic/452", title: "short of storage, or too much at once",
		meaning: "The server has no room just now, or you asked for more recipients, mails or connections than it allows at a time.",
		causes: []string{
			"The disk of the mail server is nearly full.",
			"A flood of mails has filled its queue, as after a plant trip when every machine reports.",
			"The mail has more recipients than the server takes in one go; those beyond the limit get this number.",
			"The server limits how many connections may be open together, or how many mails one connection may carry, and the queue for that domain went over it.",
		},
		fixes: []Fix{
			{IT, "Free disk space on the mail server, and see why it filled."},
			{Controls, "Shorten the Cc list or use one group address, so that the server has one recipient and not twenty."},
			{IT, "Find the limit by trying: let a few mails at a time go to that domain, then more, until the server complains. Set your relay below that."},
		},
		retry:   RetryLater,
		sources: []string{"RFC 5321 section 4.5.3.1.10", "RFC 1870 section 6.1", "ECEMAIL theory of operation", "list of ESMTP status codes, 2002", "guide to SMTP and device error codes", "list of SMTP reply codes"}, see: []string{"basic/552", "enhanced/3.1", "enhanced/5.3"},
	}},
	{453, entry{
		id: "basic/453", title: "no mail is waiting for you",
		meaning: "A site asked by ATRN for the mail kept for it, and there is none. Nothing has failed.",
		causes: []string{
			"All kept mail has been fetched already, or none has come since the last call.",
			"Mail for the site is kept under another domain name than the one asked for.",
		},
		fixes: []Fix{
			{IT, "Do nothing if none was expected. Otherwise compare the domain in the ATRN line with the one that the provider keeps mail for."},
		},
		retry:   RetryNone,
		sources: []string{"RFC 2645", "ECEMAIL theory of operation", "list of SMTP reply codes"}, see: []string{"basic/250", "enhanced/3.2"},
	}},
	{454, entry{
		id: "basic/454", title: "encryption or login not working at the moment",
		meaning: "The server offers STARTTLS or a login but can't do it right now. Some old lists also give it for a login that wants encryption first.",
		causes: []string{
			"The server can't read its certificate or key, often after a renewal.",
			"The directory that checks passwords didn't answer in time.",
			"The way of logging in that the client chose is allowed on an encrypted line only, and this line is plain.",
		},
		fixes: []Fix{
			{IT, "Look at the certificate files first: date, name and read rights. Then see whether the server's directory or LDAP answers."},
			{IT, "Turn STARTTLS on in the sending relay, before the login, if the text asks for encryption."},
			{Provider, "If it is a provider's server, look at its status page; a whole region is usually hit at once."},
		},
		retry:   RetryLater,
		sources: []string{"RFC 3207 section 4", "RFC 4954 section 6", "ECEMAIL theory of operation", "list of SMTP reply codes"}, see: []string{"basic/538", "basic/530", "enhanced/7.0", "enhanced/7.11"},
	}},
	{455, entry{
		id: "basic/455", title: "parameters can't be served now",
		meaning: "The command was good, but the server can't do what one of its additions asks for at present.",
		causes: []string{
			"The sending relay put an addition such as SIZE, BODY or a priority behind MAIL or RCPT, and the part of the server that handles it is down.",
		},
		fixes: []Fix{
			{IT, "Switch that extension off in the relay for this one server and send again. A box by itself adds nothing, so look at the relay and not at the ladder."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 5321 section 4.2.3"}, see: []string{"basic/555", "enhanced/5.4"},
	}},
	{458, entry{
		id: "basic/458", title: "mail for that site can't be started",
		meaning: "A site asked by ETRN for its waiting mail, and the server was unable to start the queue for it.",
		causes: []string{
			"The server's queue is locked or overloaded.",
			"The server can't reach the site from its side.",
		},
		fixes: []Fix{
			{IT, "Ask again in some minutes, and check from outside that port 25 of your own server can be reached."},
		},
		retry:   RetryLater,
		sources: []string{"RFC 1985", "ECEMAIL theory of operation", "list of SMTP reply codes"}, see: []string{"basic/253", "basic/459"},
	}},
	{459, entry{
		id: "basic/459", title: "that site isn't allowed to ask",
		meaning: "The server won't start a queue for the site that ETRN named; the text gives the reason.",
		causes: []string{
			"The name after ETRN isn't one that the provider serves, or is misspelt.",
			"The request came from an address that isn't trusted for that site.",
		},
		fixes: []Fix{
			{IT, "Compare the name after ETRN with the contract, letter by letter."},
			{Provider, "Have the provider enter the site and the address from which it calls."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 1985", "ECEMAIL theory of operation", "list of SMTP reply codes"}, see: []string{"basic/458", "enhanced/7.1"},
	}},
}
