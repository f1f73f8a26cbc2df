package reply

// enhancedProtocol is subject 5, the conversation.
var enhancedProtocol = []enhancedEntry{
	{"5.0", entry{
		id: "enhanced/5.0", title: "something about the conversation",
		meaning: "Client and server fell out over the rules of SMTP itself, not over the mail.",
		causes: []string{
			"One of the two sent what the other didn't expect at that point.",
			"The server blames the protocol when a recipient or the sender was refused earlier on.",
		},
		fixes: []Fix{
			{Controls, "Record a trace of the whole conversation with the SMTP viewer, and hand it to IT with the reply."},
			{IT, "Compare that trace with one of a mail program that gets through, line by line."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.6", "list of extended SMTP codes"}, see: []string{"basic/503", "basic/554", "enhanced/5.1"},
	}},
	{"5.1", entry{
		id: "enhanced/5.1", title: "command invalid here",
		meaning: "The command isn't one that the server takes, or not now: it is unknown, switched off or out of turn.",
		causes: []string{
			"A step before it was refused, and the client went on as if nothing had been.",
			"The server expects a login or STARTTLS first.",
			"The client speaks ESMTP to a server that only knows the old form.",
		},
		fixes: []Fix{
			{Controls, "Look further up in the trace for the first refusal; this one is only its echo."},
			{IT, "Try EHLO by hand to see what the server offers on that port, and set the client accordingly."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.6", "list of extended SMTP codes"}, see: []string{"basic/500", "basic/502", "basic/503", "basic/530"},
	}},
	{"5.2", entry{
		id: "enhanced/5.2", title: "line that the server can't parse",
		meaning: "A command line has the wrong form, so the server can't take it apart.",
		causes: []string{
			"Angle brackets are missing round an address, or there is a blank behind MAIL FROM with its colon.",
			"Control characters from a PLC string got into the line.",
			"The mail's end was sent wrongly, and its text was then read as commands.",
		},
		fixes: []Fix{
			{Controls, "Look for unprintable bytes in the strings that the box sends, such as zeros left behind a text."},
			{Controls, "If you wrote the SMTP client in ladder yourself, end each line with carriage return and line feed, both."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.6", "list of extended SMTP codes"}, see: []string{"basic/500", "basic/501", "enhanced/5.4"},
	}},
	{"5.3", entry{
		id: "enhanced/5.3", title: "too many recipients",
		meaning: "The mail names more recipients than the server takes in one go. Those that it took before are still served.",
		causes: []string{
			"The Cc list is long; some providers stop at a hundred, some filters at ten.",
			"Recipients of several mails are counted together over an hour or a day.",
		},
		fixes: []Fix{
			{IT, "Make one group address for the lot and give it to the controls engineer."},
			{Controls, "Divide the recipients between two boxes that fire a minute apart."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.6", "list of extended SMTP codes"}, see: []string{"basic/452", "basic/552"},
	}},
	{"5.4", entry{
		id: "enhanced/5.4", title: "argument not valid",
		meaning: "The command is known, but what follows it is wrong, unknown or out of range.",
		causes: []string{
			"An option was added that this server doesn't have.",
			"HELO carries a name that isn't one, or none.",
			"The size announced for the mail is no number.",
		},
		fixes: []Fix{
			{IT, "Send the same command by hand with less and less behind it, until the server takes it; the last thing that you left out was it."},
			{Controls, "Look in the device's settings for a host name field that is empty or has blanks in it."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.6", "list of extended SMTP codes"}, see: []string{"basic/501", "basic/504", "basic/555"},
	}},
	{"5.5", entry{
		id: "enhanced/5.5", title: "protocol versions don't match",
		meaning: "The two sides speak different editions of a mail protocol and find no common one.",
		causes: []string{
			"An LMTP port was reached with SMTP, or the other way round.",
			"A very old device insists on a form that the server has dropped.",
		},
		fixes: []Fix{
			{IT, "Check which service listens on that port, and give the device the one for plain SMTP."},
			{Controls, "Update the firmware of the module or the device, if its maker has a newer one."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.6", "list of extended SMTP codes"}, see: []string{"basic/500", "enhanced/5.1"},
	}},
	{"5.6", entry{
		id: "enhanced/5.6", title: "login line too long",
		meaning: "One line of the AUTH exchange is longer than the server is ready to read.",
		causes: []string{
			"The login uses a long token or ticket, and the server's limit is small.",
			"What was entered as a password is something else, such as a whole key file.",
		},
		fixes: []Fix{
			{IT, "Raise the limit for AUTH lines on the server, or choose a mechanism with shorter answers."},
			{Operator, "Enter the password once more, and make sure that nothing was pasted behind it."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 4954 section 6"}, see: []string{"basic/500", "basic/334"},
	}},
}

// enhancedContent is subject 6, content and media.
var enhancedContent = []enhancedEntry{
	{"6.0", entry{
		id: "enhanced/6.0", title: "something about the content",
		meaning: "What is inside the mail stopped it: its form, its encoding or a part of it.",
		causes: []string{
			"A mail header is broken, doubled or missing.",
			"A filter took the mail apart and stumbled over a piece of it.",
		},
		fixes: []Fix{
			{Controls, "Send the shortest mail you can: one word as Subject, one as Body. Then add back until it fails."},
			{IT, "Let the relay add Date and Message-ID, which small devices leave out."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.7", "list of extended SMTP codes"}, see: []string{"basic/554", "enhanced/6.1"},
	}},
	{"6.1", entry{
		id: "enhanced/6.1", title: "kind of content not taken",
		meaning: "The recipient's system doesn't take mail with this kind of part, for example programs or archives.",
		causes: []string{
			"An attachment has an ending that is banned, such as .exe, .js or a zip with a password.",
			"The recipient is a text-only gateway, as for SMS.",
		},
		fixes: []Fix{
			{Operator, "Send the file as PDF or plain text, or put it on a share and mail where it lies."},
			{IT, "Allow that file type for the machine's sender, if it has to be mailed."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.7", "list of extended SMTP codes"}, see: []string{"enhanced/6.3", "enhanced/7.1"},
	}},
	{"6.2", entry{
		id: "enhanced/6.2", title: "conversion needed but forbidden",
		meaning: "The mail would have to be re-coded for the next system, and the sender or a rule doesn't permit that.",
		causes: []string{
			"The mail is signed or marked as not to be changed, and the next server takes 7-bit text only.",
		},
		fixes: []Fix{
			{IT, "Have the first server send it as quoted-printable or base64 from the start, before it is signed."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.7", "list of extended SMTP codes"}, see: []string{"enhanced/6.3", "enhanced/7.3"},
	}},
	{"6.3", entry{
		id: "enhanced/6.3", title: "conversion needed, nobody can do it",
		meaning: "The mail has a form that the next system can't read, and the server in between can't turn it into another.",
		causes: []string{
			"Binary or 8-bit text meets a server without 8BITMIME or BINARYMIME.",
			"A character set is used that a server on the way has no table for.",
		},
		fixes: []Fix{
			{Controls, "Keep accents, degree signs and the like out of Subject and Body; write 85 C for a temperature."},
			{IT, "Turn the 8-bit extensions off at the relay, so that it encodes the mail itself."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.7", "list of extended SMTP codes"}, see: []string{"enhanced/3.3", "enhanced/6.5", "basic/554"},
	}},
	{"6.4", entry{
		id: "enhanced/6.4", title: "converted, and something was lost",
		meaning: "The content was re-coded on the way, and part of it couldn't be kept. With success the mail has still been delivered; with a refusal the sender had ruled out such a loss.",
		causes: []string{
			"Characters or formatting that the recipient's system lacks were replaced or dropped.",
		},
		fixes: []Fix{
			{Operator, "Look at the mail as it arrived: question marks and missing parts show what was lost."},
			{Controls, "Write the text in plain letters, so that there is nothing to lose."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.7", "list of extended SMTP codes"}, see: []string{"enhanced/6.5", "basic/250"},
	}},
	{"6.5", entry{
		id: "enhanced/6.5", title: "conversion failed",
		meaning: "A server tried to re-code the mail for the next one and didn't manage.",
		causes: []string{
			"The mail claims one encoding and uses another, as home-made mail clients do.",
			"An attachment is cut short or damaged.",
		},
		fixes: []Fix{
			{Controls, "Check that the charset in the mail's head is the one that the text is written in."},
			{IT, "Take the mail out of the queue and open it in a mail program; what it can't show is the broken part."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.7", "list of extended SMTP codes"}, see: []string{"enhanced/6.3", "enhanced/6.0"},
	}},
	{"6.6", entry{
		id: "enhanced/6.6", title: "content couldn't be fetched",
		meaning: "The mail was to be put together from a part kept elsewhere, by a link (BURL), and the server couldn't get that part.",
		causes: []string{
			"The link has expired, or the mail store behind it refuses the mail server.",
			"Both servers are well, but can't reach each other.",
		},
		fixes: []Fix{
			{IT, "Send the mail whole and not by reference, or renew the trust between submission server and mail store."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 4468"}, see: []string{"basic/554", "enhanced/6.0"},
	}},
	{"6.7", entry{
		id: "enhanced/6.7", title: "address with non-English letters not permitted",
		meaning: "An address of the sender or a recipient has letters such as ä or 中, and the server doesn't take these for it.",
		causes: []string{
			"The receiving server has no SMTPUTF8, or its mailboxes' owner hasn't allowed it.",
			"An umlaut or accent slipped into an address that is really written without.",
		},
		fixes: []Fix{
			{Controls, "Use the plain-letter form of the address, mueller and not müller."},
			{IT, "Give the recipient an alias of unaccented letters."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 6531 section 3.5"}, see: []string{"basic/553", "enhanced/6.8", "enhanced/1.3"},
	}},
	{"6.8", entry{
		id: "enhanced/6.8", title: "answer would need UTF-8, which the client can't take",
		meaning: "The server's reply would have to show a name in letters beyond ASCII, and the client hasn't said that it understands them.",
		causes: []string{
			"A VRFY, EXPN or RCPT met a mailbox with an international name while the client works without SMTPUTF8.",
		},
		fixes: []Fix{
			{IT, "Use a sending relay that knows SMTPUTF8, or reach the mailbox by an ASCII alias."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 6531"}, see: []string{"enhanced/6.7", "enhanced/6.10", "basic/252"},
	}},
	{"6.9", entry{
		id: "enhanced/6.9", title: "UTF-8 headers can't go to one of the recipients",
		meaning: "The mail's head has text in raw UTF-8, and at least one recipient's system can't be given that.",
		causes: []string{
			"The mail goes to several people, and one of them is behind a server without SMTPUTF8.",
			"A device writes umlauts straight into the Subject and doesn't encode them.",
		},
		fixes: []Fix{
			{Controls, "Write the Subject and the Sender Name in ASCII."},
			{IT, "Have the relay encode the head in the old way (RFC 2047) before passing the mail on."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 6531"}, see: []string{"enhanced/6.7", "enhanced/6.3"},
	}},
	{"6.10", entry{
		id: "enhanced/6.10", title: "deprecated; the same as X.6.8",
		meaning: "An entry made twice by mistake and no longer to be used. Read it as X.6.8: the reply would need UTF-8 and the client can't take it.",
		causes: []string{
			"The server's software was written from an early list that still had this double.",
		},
		fixes: []Fix{
			{IT, "Treat it by the advice for X.6.8. An update of the server will bring the proper number."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 6531", "IANA registry of enhanced codes"}, see: []string{"enhanced/6.8"},
	}},
}
