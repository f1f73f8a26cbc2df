package reply

import "slices"

// basicEntries is every three-digit code of the five seeds and of the standards
// since (RFC 5321 section 4.2.3 and the extensions that each entry names).
var basicEntries = slices.Concat(basicAccepted, basicLater, basicCommand, basicRefused)

// firstDigit is what the first digit of a reply code says (RFC 5321 section
// 4.2.1, seeds/002).
var firstDigit = map[int]string{
	1: "The server has understood and waits for a yes before it does anything. Mail servers don't use this today.",
	2: "The step went well.",
	3: "So far so good: the server needs the next piece before it can finish the step.",
	4: "Not now: something stands in the way for a while, and the very same request may work later.",
	5: "No: the same request will be refused again, so something has to change first.",
}

// secondDigit is what the second digit of a reply code says (RFC 5321 section
// 4.2.1, seeds/002).
var secondDigit = map[int]string{
	0: "It is about the wording of a command: unknown, misspelt, or not built into this server.",
	1: "It is information for a person, such as an answer to a call for help.",
	2: "It is about the connection itself, at its opening or its end.",
	3: "The mail standard gives this digit no meaning; the login extension uses it for the steps of a login.",
	4: "No meaning has been laid down for this digit.",
	5: "It is about the mail system behind the server: mailboxes, storage, and what the server will take.",
}

// basicAccepted is the codes that refuse nothing: 2yz and 3yz.
var basicAccepted = []basicEntry{
	{200, entry{
		id: "basic/200", title: "success, in no standard's form",
		meaning: "The server says yes with a number that no mail standard lists. Take it as success of the step that it answers.",
		causes: []string{
			"The mail server is very old or home-made: surveys of the early eighties already met this number.",
			"An appliance has borrowed the number from web servers, where it means that a page was found.",
		},
		fixes:   []Fix{{IT, "See whether the mail came in. If it did, leave things alone; if the server is yours, ask its maker for 250 in this place."}},
		retry:   RetryNone,
		sources: []string{"RFC 876", "ECEMAIL theory of operation", "list of ESMTP status codes, 2002"}, see: []string{"basic/250"},
	}},
	{211, entry{
		id: "basic/211", title: "system status, or help about the system",
		meaning: "The server reports on itself or says which commands it has. No mail is touched by it.",
		causes: []string{
			"Somebody, or a monitoring tool, asked the server for its state or for help in general.",
		},
		fixes:   []Fix{{IT, "Nothing needs doing. A box never asks for this, so if it stands in a trace another program was on that connection."}},
		retry:   RetryNone,
		sources: []string{"RFC 5321 section 4.2.3", "ECEMAIL theory of operation", "list of ESMTP status codes, 2002", "guide to SMTP and device error codes", "list of SMTP reply codes"}, see: []string{"basic/214"},
	}},
	{214, entry{
		id: "basic/214", title: "help text for a person",
		meaning: "What follows is advice for someone reading along: how this server is used, or what one of its unusual commands does.",
		causes: []string{
			"The HELP command was sent, by hand in a terminal or by a scanner that collects server versions.",
		},
		fixes:   []Fix{{IT, "Read it if it helps you and go on. Programs should skip it."}},
		retry:   RetryNone,
		sources: []string{"RFC 5321 section 4.2.3", "ECEMAIL theory of operation", "list of ESMTP status codes, 2002", "guide to SMTP and device error codes", "list of SMTP reply codes"}, see: []string{"basic/211"},
	}},
	{220, entry{
		id: "basic/220", title: "ready",
		meaning: "The server has picked up and is ready to talk. After STARTTLS it means: begin the encryption now.",
		causes: []string{
			"A connection to the mail server has just come about, and this is its greeting.",
			"The client asked for encryption by STARTTLS and the server agrees.",
		},
		fixes: []Fix{
			{Controls, "Compare the name in the greeting with the server you meant: a wrong IP address in the e-mail set-up often reaches some other machine that also speaks mail."},
			{IT, "If the talk stops right after a 220 to STARTTLS, look at certificates and TLS versions rather than at mail settings."},
		},
		retry:   RetryNone,
		sources: []string{"RFC 5321 section 4.2.3", "RFC 3207 section 4", "ECEMAIL theory of operation", "list of ESMTP status codes, 2002", "guide to SMTP and device error codes", "list of SMTP reply codes"}, see: []string{"basic/454", "basic/554"},
	}},
	{221, entry{
		id: "basic/221", title: "goodbye",
		meaning: "The server ends the conversation and hangs up in good order.",
		causes: []string{
			"The client has no more to send and said QUIT.",
		},
		fixes:   []Fix{{Controls, "Check that a 250 for the whole mail stands before it in the trace. If none does, the line before the goodbye says why the mail was given up."}},
		retry:   RetryNone,
		sources: []string{"RFC 5321 section 4.2.3", "ECEMAIL theory of operation", "list of ESMTP status codes, 2002", "guide to SMTP and device error codes", "list of SMTP reply codes"}, see: []string{"basic/250", "basic/421"},
	}},
	{235, entry{
		id: "basic/235", title: "login accepted",
		meaning: "The server knows the account and the password or token was right.",
		causes: []string{
			"The AUTH exchange has ended well.",
		},
		fixes:   []Fix{{IT, "Nothing to mend here. If the sender or a recipient is refused after it, the account lacks a right, such as sending under that From address."}},
		retry:   RetryNone,
		sources: []string{"RFC 4954 section 6"}, see: []string{"basic/334", "basic/535", "enhanced/7.0"},
	}},
	{250, entry{
		id: "basic/250", title: "done",
		meaning: "The server has carried out the command. After the end of a mail it means that the server now has the mail and answers for it.",
		causes: []string{
			"The greeting, the sender, a recipient or the whole mail was taken: this is the answer one wants to see.",
			"A delivery report carries it for a mail that has reached its mailbox.",
			"After ETRN the queue for the named site has been started; after ATRN the two sides change places.",
		},
		fixes: []Fix{
			{Controls, "Nothing to do. An ECEMAIL box shows it as Error Code 0 with the Success bit on; the number itself stands in the trace only."},
			{Operator, "If nobody got the mail all the same, look into the junk folder first, then ask IT what the server's log says about it: taken isn't yet delivered."},
		},
		retry:   RetryNone,
		sources: []string{"RFC 5321 section 4.2.3", "RFC 1985", "RFC 2645", "ECEMAIL theory of operation", "list of ESMTP status codes, 2002", "guide to SMTP and device error codes", "list of SMTP reply codes"}, see: []string{"basic/251", "basic/252"},
	}},
	{251, entry{
		id: "basic/251", title: "not a local user; the mail is passed on",
		meaning: "The recipient has no mailbox on this server, but the server knows where it is and sends the mail on by itself.",
		causes: []string{
			"The person or group has moved to another mail system and a forward was left behind.",
			"In answer to ETRN it says something else: no mail is waiting for that site.",
		},
		fixes: []Fix{
			{Controls, "The mail goes through. Put the new address, which the server's text may show, into the To line or the Cc list, so that alarms don't depend on an old forward."},
			{IT, "See how long that forward will stay, and tell the plant before it goes."},
		},
		retry:   RetryNone,
		sources: []string{"RFC 5321 section 3.4", "RFC 1985", "ECEMAIL theory of operation", "list of ESMTP status codes, 2002", "guide to SMTP and device error codes", "list of SMTP reply codes"}, see: []string{"basic/551", "basic/250"},
	}},
	{252, entry{
		id: "basic/252", title: "recipient can't be verified; the mail is taken",
		meaning: "The server won't or can't say whether the address exists. It takes the mail and tries to deliver it.",
		causes: []string{
			"The server hides its list of mailboxes from strangers and gives this to every VRFY.",
			"It is a front server that hands all mail inwards and doesn't know who has a mailbox.",
			"In answer to ETRN it says that sending of the waiting mail has begun.",
		},
		fixes: []Fix{
			{IT, "Don't read it as proof of a good address. Send one test mail and watch the sender's mailbox for a bounce in the next hour."},
		},
		retry:   RetryNone,
		sources: []string{"RFC 5321 section 3.5.3", "RFC 1985", "ECEMAIL theory of operation", "list of ESMTP status codes, 2002", "list of SMTP reply codes"}, see: []string{"basic/250", "basic/253"},
	}},
	{253, entry{
		id: "basic/253", title: "waiting mail is being sent, and how much",
		meaning: "A site asked for the mail that is kept for it; the server has begun to send it and gives the number of mails.",
		causes: []string{
			"The site's own server sent ETRN, as sites do that are on the line only now and then.",
		},
		fixes:   []Fix{{IT, "Watch that as many mails as it named come in. The box has no part in this exchange."}},
		retry:   RetryNone,
		sources: []string{"RFC 1985", "ECEMAIL theory of operation", "list of SMTP reply codes"}, see: []string{"basic/252", "basic/458", "basic/459"},
	}},
	{334, entry{
		id: "basic/334", title: "the login goes on",
		meaning: "The server waits for the next part of the login. Its text is a question in base64, not an error.",
		causes: []string{
			"An AUTH command has been sent: VXNlcm5hbWU6 stands for Username and UGFzc3dvcmQ6 for Password.",
			"A token was turned down, and the server hands over the reason in base64 before it gives the real refusal.",
		},
		fixes: []Fix{
			{IT, "Decode the base64 text to see what the server asks for. If the client falls silent here it doesn't know the mechanism: set another one."},
		},
		retry:   RetryNone,
		sources: []string{"RFC 4954 section 4"}, see: []string{"basic/235", "basic/535", "basic/504"},
	}},
	{354, entry{
		id: "basic/354", title: "send the mail now",
		meaning: "The server waits for the mail itself, head and body. A line with a single dot ends it.",
		causes: []string{
			"The client sent DATA after a sender and at least one recipient had been taken.",
		},
		fixes: []Fix{
			{Controls, "If the box times out after this line, the mail or the answer to its end got stuck: raise the Timeout in the module's e-mail set-up and look at code 16, 17 or 18."},
			{IT, "If long mails hang here and short ones don't, look at a virus scanner that holds the answer back, and at packet size on a VPN."},
		},
		retry:   RetryNone,
		sources: []string{"RFC 5321 section 4.2.3", "ECEMAIL theory of operation", "list of ESMTP status codes, 2002", "guide to SMTP and device error codes", "list of SMTP reply codes"}, see: []string{"basic/250", "basic/554", "basic/503"},
	}},
	{355, entry{
		id: "basic/355", title: "go on from this byte",
		meaning: "The server still has the first part of a mail that broke off and names the byte at which the client should go on.",
		causes: []string{
			"The client offered to continue a broken transfer, by the checkpoint and restart extension.",
		},
		fixes:   []Fix{{IT, "Let it run. Hardly any system uses this, so if a device trips over it switch its restart option off."}},
		retry:   RetryNone,
		sources: []string{"RFC 1845", "ECEMAIL theory of operation", "list of SMTP reply codes"}, see: []string{"basic/354"},
	}},
}
