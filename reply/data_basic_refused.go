package reply

// basicRefused is the refusals of mailboxes and mails: 550 to 572.
var basicRefused = []basicEntry{
	{550, entry{
		id: "basic/550", title: "refused: no such mailbox, no relaying, or sender not allowed",
		meaning: "The most used refusal of all, with three meanings: the mailbox isn't there, the server won't pass mail on for you, or your From address isn't allowed. The text tells which.",
		causes: []string{
			"The recipient's mailbox isn't known to the server, or it is there and can't be reached. Words such as user unknown or no such user say this.",
			"Relaying is refused: the recipient is outside the server's own domains and the server doesn't know you as someone it sends for. Words such as relaying prohibited, unable to relay or not a gateway say this.",
			"The server wants a login before it relays; without one it guards itself against spammers who would use it as theirs.",
			"You are on another network than the one that the server's owner gave you, for instance a mobile router or a new provider.",
			"The From address is wrong or isn't one that this server lets you use.",
			"A spam filter, a block list or a rule of the recipient's refused the mail.",
			"An earlier try met a lesser fault and was kept for another attempt; this refusal says that the address must change.",
		},
		fixes: []Fix{
			{Controls, "Compare the address in the box's To line with the address book; a letter too many is the usual cause. Do the same with the module's Cc list."},
			{Controls, "Make the Sender Address in the e-mail set-up a real address of the company, one that IT knows."},
			{IT, "If the text speaks of relaying, enter the module's IP address as trusted on the mail server, for sending to outside domains too."},
			{IT, "Where the server can't be changed, use one that takes a login from any network and let a relay in the plant log in there."},
			{Provider, "If the text names a block list or a policy, the recipient's postmaster can say what to mend; send the whole line."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 5321 section 4.2.3", "ECEMAIL theory of operation", "list of ESMTP status codes, 2002", "guide to SMTP and device error codes", "list of SMTP reply codes"}, see: []string{"basic/551", "basic/553", "basic/572", "enhanced/1.1", "enhanced/7.1"},
	}},
	{551, entry{
		id: "basic/551", title: "not local here; try another address",
		meaning: "The server has no mailbox for the recipient and won't pass the mail on itself. Often it names the address to use.",
		causes: []string{
			"The recipient's address has changed, and the server hands the mail back with the new one.",
			"Both ends of the mail are strangers to this server, and it carries nothing for third parties, so that spammers can't use it.",
		},
		fixes: []Fix{
			{Controls, "Take the address from the server's text and put it into the To line or the Cc list. Ask the person first whether it is theirs."},
			{IT, "If no new address is named, treat it as a relaying refusal: allow the plant's network on the server, or log in."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 5321 section 3.4", "ECEMAIL theory of operation", "list of ESMTP status codes, 2002", "guide to SMTP and device error codes", "list of SMTP reply codes"}, see: []string{"basic/251", "basic/550", "enhanced/1.6", "enhanced/7.1"},
	}},
	{552, entry{
		id: "basic/552", title: "over the storage or size limit",
		meaning: "The mail would go over a limit: that of the mailbox, or the largest mail that the server takes.",
		causes: []string{
			"The recipient's mailbox has reached its limit, as shared alarm mailboxes do that nobody empties.",
			"The mail is larger than the server's limit; scans and camera pictures are, alarm texts never.",
			"Too many mails arrived one after the other and used the space up.",
			"An old server says so when there are too many recipients, where newer ones say 452.",
		},
		fixes: []Fix{
			{Operator, "Have somebody empty the mailbox, junk and deleted items included, and set a rule that removes old alarms."},
			{Operator, "For a scan, choose a lower resolution, fewer pages at a time, or black and white."},
			{IT, "Raise the mailbox limit, or the largest message size if it is lower than the device needs."},
			{Controls, "Split a long Cc list in two, if the text speaks of recipients."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 5321 section 4.5.3.1.9", "RFC 1870 section 6.1", "ECEMAIL theory of operation", "list of ESMTP status codes, 2002", "guide to SMTP and device error codes", "list of SMTP reply codes"}, see: []string{"basic/452", "enhanced/2.2", "enhanced/2.3", "enhanced/3.4"},
	}},
	{553, entry{
		id: "basic/553", title: "mailbox name not allowed",
		meaning: "The server objects to an address as it is written, or to your use of it.",
		causes: []string{
			"The address is badly formed, for instance without a domain or with a blank at its end.",
			"The From address isn't the one of the account, and the server denies sending under it.",
			"The address has letters outside plain English and the server doesn't take such.",
			"Too many mails for one domain were sent on one connection, or too many connections were open; some servers answer that with this number.",
			"The recipient or the mail as it stands isn't acceptable, and one of them must change.",
		},
		fixes: []Fix{
			{Controls, "Write each address as name@domain and nothing else, and look for blanks at the end of the field."},
			{Controls, "Set the Sender Address to the account's own address."},
			{IT, "If it comes with many mails at once, lower the number of connections and of mails per connection in the relay, then raise it step by step."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 5321 section 4.2.3", "RFC 6531 section 3.5", "ECEMAIL theory of operation", "list of ESMTP status codes, 2002", "guide to SMTP and device error codes", "list of SMTP reply codes"}, see: []string{"basic/501", "basic/550", "enhanced/1.3", "enhanced/1.7", "enhanced/6.7"},
	}},
	{554, entry{
		id: "basic/554", title: "transaction failed",
		meaning: "The server refuses the whole mail. In place of a greeting it means that there is no mail service for you here.",
		causes: []string{
			"The mail's content was judged to be spam or harmful.",
			"Your IP address is on a block list, or has no name in DNS; then it often comes as the greeting.",
			"No recipient was good, so there is nobody to deliver to.",
			"The mail as it stands, or the place it is meant for, will never be accepted, and sending it again unchanged is wasted.",
			"The account has run into a limit, such as a full Sent Items folder at a provider.",
			"A mail sent in chunks (BDAT) or by reference (BURL) couldn't be put together.",
		},
		fixes: []Fix{
			{IT, "Read the text after the number: it names the filter, the list or the rule. Look the plant's outside address up on the list that it names."},
			{Controls, "Send a mail with a plain Subject and Body as a test. If that one passes, the wording was at fault."},
			{Provider, "Ask the recipient's administrator to let your sender pass, with date, time and the reply."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 5321 section 4.2.3", "RFC 3030 section 2", "RFC 4468", "ECEMAIL theory of operation", "list of ESMTP status codes, 2002", "guide to SMTP and device error codes", "list of SMTP reply codes"}, see: []string{"basic/521", "basic/550", "enhanced/7.1", "enhanced/6.6"},
	}},
	{555, entry{
		id: "basic/555", title: "parameters behind MAIL or RCPT unknown",
		meaning: "The server doesn't know an addition behind the sender or a recipient, and so refuses the line.",
		causes: []string{
			"The sending relay uses an extension that this server never offered.",
			"The address isn't in angle brackets, so its tail is taken for a parameter.",
		},
		fixes: []Fix{
			{IT, "Have the relay send MAIL and RCPT bare to this server, without SIZE, BODY, NOTIFY and the like."},
			{Controls, "If a self-written sender made the line, put the address into < and > with nothing behind it."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 5321 section 4.1.1.11"}, see: []string{"basic/455", "basic/501", "enhanced/5.4"},
	}},
	{556, entry{
		id: "basic/556", title: "that domain takes no mail",
		meaning: "The domain behind the at sign has declared in DNS that it takes no mail at all, so nothing was sent to it.",
		causes: []string{
			"The domain is misspelt and a look-alike was hit that has a null MX record.",
			"An address was taken from a web site's name, while mail goes to another domain of the same company.",
		},
		fixes: []Fix{
			{Controls, "Ask the recipient to send you a mail, and copy the domain from that one into the To line."},
			{IT, "Look the domain up with nslookup -type=mx; an answer of a single dot means no mail, ever."},
		},
		retry:   RetryNo,
		sources: []string{"RFC 7504 section 4", "RFC 7505"}, see: []string{"basic/521", "enhanced/1.10", "enhanced/1.2"},
	}},
	{557, entry{
		id: "basic/557", title: "too many copies of the same mail (not registered)",
		meaning: "No standard has this number. Where it is met, the server complains of duplicates and calls its refusal a passing lack of resources.",
		causes: []string{
			"A guard against spam has counted the same text too often: a chattering input makes a box send one alarm again and again.",
			"Several machines send a mail word for word the same to the same people.",
		},
		fixes: []Fix{
			{Controls, "Debounce the input with a timer and let an alarm mail out once, not again until the alarm has been away for some minutes."},
			{Controls, "Put a value or the machine's name into the Subject, so that two mails differ."},
			{IT, "Exempt the plant's sender from the duplicate check of the spam guard."},
		},
		retry:   RetryChange,
		sources: []string{"list of ESMTP status codes, 2002"}, see: []string{"basic/421", "basic/554", "enhanced/7.28"},
	}},
	{571, entry{
		id: "basic/571", title: "blocked by a rule (not registered)",
		meaning: "No standard has this number. Some servers and filters write it for a refusal by policy, much as 550 with 5.7.1.",
		causes: []string{
			"A filter before the mailboxes blocks the sender, its IP address or a word in the mail.",
			"The server isn't meant to pass mail on between two strangers.",
		},
		fixes: []Fix{
			{IT, "Find out whose filter answered, from the host name in the trace, and look for the sender in its block list."},
			{Provider, "Ask the filter's owner to release the sender; most have a web form for it."},
		},
		retry:   RetryChange,
		sources: []string{"not registered", "RFC 5321 section 4.2.1"}, see: []string{"basic/550", "basic/572", "enhanced/7.1"},
	}},
	{572, entry{
		id: "basic/572", title: "relaying not authorised (not registered)",
		meaning: "No standard has this number. Servers that use it mean: this mail isn't ours to carry, and you have no right to send through us.",
		causes: []string{
			"The recipient is outside the server's own domain and you aren't on its list of trusted senders.",
			"You may not send by this server when neither end of the mail is one of its users, so that no spammer can borrow its network.",
			"The server would do it after a login, and there was none.",
			"The server says that it is no gateway, meaning that it delivers to its own users only.",
		},
		fixes: []Fix{
			{IT, "Add the address of the module or of the plant's network to the server's relay list."},
			{IT, "If the server insists on a login, put a relay beside the module that has an account there."},
			{Controls, "Check whether the Server Address points at the recipient's server; for mail to the outside it has to be your own."},
		},
		retry:   RetryChange,
		sources: []string{"list of ESMTP status codes, 2002"}, see: []string{"basic/550", "basic/551", "basic/530", "enhanced/7.1"},
	}},
}
