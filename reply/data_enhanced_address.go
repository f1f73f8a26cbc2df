package reply

// enhancedAddress is subject 1, addresses.
var enhancedAddress = []enhancedEntry{
	{"1.0", entry{
		id: "enhanced/1.0", title: "something about an address",
		meaning: "One of the addresses in the mail is at fault, and the server doesn't say which or how.",
		causes: []string{
			"A recipient was deleted, renamed or mistyped.",
			"The server checks senders too, and didn't like yours.",
		},
		fixes: []Fix{
			{Controls, "See in the trace whether the line before the refusal was MAIL FROM or RCPT TO: that tells which address to look at."},
			{IT, "Look for that address in the directory, aliases and groups included."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.2", "list of extended SMTP codes"}, see: []string{"enhanced/1.1", "enhanced/1.7", "basic/550"},
	}},
	{"1.1", entry{
		id: "enhanced/1.1", title: "no such mailbox",
		meaning: "The part before the at sign isn't known at that domain. The domain itself is reachable.",
		causes: []string{
			"A slip in the address: a letter too many, a dot missing, first and last name swapped.",
			"The person has left and the mailbox was removed.",
			"The mailbox is so new that the answering server hasn't learnt of it.",
			"A group was made for use inside only, under another name.",
		},
		fixes: []Fix{
			{Controls, "Copy the address from a mail that the person has sent you, rather than typing it, into the To line or the Cc list."},
			{Controls, "Use a group address such as maintenance@ in the program: then people can change without a download."},
			{IT, "If the address is right, add it as a mailbox or alias, and wait for the directory to spread it."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.2", "list of extended SMTP codes"}, see: []string{"basic/550", "enhanced/1.2", "enhanced/1.6", "enhanced/2.1"},
	}},
	{"1.2", entry{
		id: "enhanced/1.2", title: "no such destination domain",
		meaning: "The part behind the at sign leads nowhere: the domain doesn't exist or can't take mail.",
		causes: []string{
			"The domain is misspelt, or ends in .com where it should be another ending.",
			"The company gave its domain up or changed its name.",
			"The sending server's DNS is out of order and finds no domain at all.",
		},
		fixes: []Fix{
			{Controls, "Spell out the domain to the recipient by telephone, ending included."},
			{IT, "Look up the domain's MX record from the mail server itself. If well-known domains fail too, mend the server's DNS."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.2", "list of extended SMTP codes"}, see: []string{"enhanced/1.10", "enhanced/4.4", "enhanced/4.3"},
	}},
	{"1.3", entry{
		id: "enhanced/1.3", title: "recipient address badly written",
		meaning: "The recipient's address doesn't have the form of an address, so the server didn't even look for it.",
		causes: []string{
			"A blank, semicolon or stray quote stands in the address; the box parts addresses by commas.",
			"The domain is missing, as in an address that works inside the office only.",
			"Ladder logic built the address and left a rest of an older, longer one behind it.",
		},
		fixes: []Fix{
			{Controls, "Look at the RCPT TO line in the trace: between the angle brackets must stand exactly one name@domain."},
			{Controls, "Clear the string memory before building an address in it."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.2", "list of extended SMTP codes"}, see: []string{"basic/501", "basic/553", "enhanced/1.7"},
	}},
	{"1.4", entry{
		id: "enhanced/1.4", title: "recipient address fits several mailboxes",
		meaning: "The server finds more than one mailbox for the address and won't choose.",
		causes: []string{
			"Two directory entries have the same alias, often after two companies were joined.",
			"A short name was given that several people share.",
		},
		fixes: []Fix{
			{IT, "Search the directory for the address and take it off all entries but one."},
			{Controls, "Until that is done, send to the person's longer address."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.2", "list of extended SMTP codes"}, see: []string{"enhanced/1.1"},
	}},
	{"1.5", entry{
		id: "enhanced/1.5", title: "recipient address is good",
		meaning: "The address was checked and is a good one. It belongs to successes; beside a refusal it says that the address isn't what is wrong.",
		causes: []string{
			"The server has accepted the recipient, or answers a check of an address.",
			"A server that reports a refusal has picked the wrong detail.",
		},
		fixes: []Fix{
			{IT, "With 250 there is nothing to mend. With a 4 or 5 in front, believe the text and leave the address as it is."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.2", "list of extended SMTP codes"}, see: []string{"basic/250", "enhanced/0.0"},
	}},
	{"1.6", entry{
		id: "enhanced/1.6", title: "mailbox has moved, and nobody forwards",
		meaning: "The mailbox used to be here. It has gone elsewhere, and the server has no new address for it.",
		causes: []string{
			"The person has changed company or department.",
			"Mail was moved to another provider and the old server was left running.",
		},
		fixes: []Fix{
			{Controls, "Get the new address from the recipient and change it wherever it stands: To lines, Cc list, other machines."},
			{IT, "If the old server should still deliver, set a forward or take the domain off it."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.2", "list of extended SMTP codes"}, see: []string{"basic/551", "basic/251", "enhanced/1.1"},
	}},
	{"1.7", entry{
		id: "enhanced/1.7", title: "sender address badly written",
		meaning: "The sender's address isn't in proper form. The recipients haven't been looked at yet.",
		causes: []string{
			"The Sender Address in the module's set-up is empty, or has no domain.",
			"The sender's name was entered where its address belongs.",
			"A blank or an accent crept into it.",
		},
		fixes: []Fix{
			{Controls, "Write the Sender Address as plc7@example.com, with your own domain, on an ECOM100's e-mail set-up page; for a virtual module it is sender_address under [rack.module.email] in the plant file."},
			{Operator, "On a printer or panel, look for a field called From, Reply address or Device e-mail, and fill it in."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.2", "list of extended SMTP codes"}, see: []string{"enhanced/1.8", "basic/553", "enhanced/1.3"},
	}},
	{"1.8", entry{
		id: "enhanced/1.8", title: "sender's domain not found",
		meaning: "The domain of the sender's address doesn't exist in DNS or can't take replies, so the server won't have mail from it.",
		causes: []string{
			"The sender is set to an inside name such as plc@plant.local, which nobody outside can look up.",
			"The domain is misspelt in the sender address.",
			"The receiving server's DNS gave no answer in time, which passes.",
		},
		fixes: []Fix{
			{Controls, "Use a sender under the company's public domain, for instance line3@ that domain."},
			{IT, "Or have the relay rewrite inside senders to a public address on the way out."},
			{IT, "Check that the public domain has an MX or address record."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.2", "list of extended SMTP codes"}, see: []string{"enhanced/7.27", "enhanced/1.7", "basic/553"},
	}},
	{"1.9", entry{
		id: "enhanced/1.9", title: "passed to a system that doesn't report back",
		meaning: "The mail went on to a mail system that can't follow it up, so nothing more will be heard of it. It isn't in itself a failure.",
		causes: []string{
			"Tracking of the mail was asked for, and the next system doesn't know how to track.",
		},
		fixes: []Fix{
			{IT, "Take it as the end of what can be traced. If it matters whether the alarm came, have the recipient confirm it."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3886"}, see: []string{"enhanced/0.0", "enhanced/5.5"},
	}},
	{"1.10", entry{
		id: "enhanced/1.10", title: "recipient's domain declares that it takes no mail",
		meaning: "In DNS the domain carries a null MX record, by which its owner says: send us none.",
		causes: []string{
			"The address has a domain that serves web pages only.",
			"A typing slip led to a parked look-alike domain.",
		},
		fixes: []Fix{
			{Controls, "Find the domain that the recipient really gets mail under; the one on the web site isn't always it."},
			{IT, "If it is a domain of yours, replace the null MX with the name of your mail server."},
		},
		retry:   RetryNo,
		sources: []string{"RFC 7505"}, see: []string{"basic/556", "enhanced/1.2", "enhanced/7.27"},
	}},
}

// enhancedMailbox is subject 2, mailboxes.
var enhancedMailbox = []enhancedEntry{
	{"2.0", entry{
		id: "enhanced/2.0", title: "something about the mailbox",
		meaning: "The address is known, yet its mailbox can't take the mail. More isn't said.",
		causes: []string{
			"The mailbox is being moved, repaired or locked by its owner's mail program.",
			"A rule inside the mailbox threw the mail back.",
		},
		fixes: []Fix{
			{Operator, "Ask the recipient whether other mail comes in, and whether a rule of theirs deletes or returns alarms."},
			{Provider, "The recipient's administrator can look up the mailbox's state."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.3", "list of extended SMTP codes"}, see: []string{"enhanced/2.1", "enhanced/2.2", "basic/450"},
	}},
	{"2.1", entry{
		id: "enhanced/2.1", title: "mailbox switched off",
		meaning: "The mailbox exists but takes no mail at present, because somebody has switched it off or suspended it.",
		causes: []string{
			"The person has left and the mailbox is kept for its content only.",
			"The provider suspended it: no log-in for months, an unpaid bill, or misuse.",
			"It gets mail faster than its provider permits and rests for a while.",
		},
		fixes: []Fix{
			{Controls, "Take the address out of the To line and the Cc list, and name someone else for the alarm."},
			{Provider, "Have the mailbox's administrator switch it on again, if it is still wanted."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.3", "list of extended SMTP codes"}, see: []string{"enhanced/1.1", "enhanced/7.13", "basic/450"},
	}},
	{"2.2", entry{
		id: "enhanced/2.2", title: "mailbox full",
		meaning: "The recipient's mailbox has no room left under its limit. Other recipients of the same mail may well have got it.",
		causes: []string{
			"Alarm mails have piled up in a mailbox that nobody tidies.",
			"The recipient is away, and large attachments from others have used the space.",
			"At some providers it is the sender's own mailbox, filled by copies in Sent Items.",
		},
		fixes: []Fix{
			{Operator, "Telephone the recipient: the one mail they can't get is the one that tells them the mailbox is full."},
			{IT, "Set a retention rule on alarm mailboxes, say thirty days, and stop keeping sent copies for machine accounts."},
			{Controls, "Name a second recipient for alarms that matter."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.3", "list of extended SMTP codes"}, see: []string{"basic/552", "basic/452", "enhanced/3.1"},
	}},
	{"2.3", entry{
		id: "enhanced/2.3", title: "mail larger than this mailbox may get",
		meaning: "An administrator has set how large a mail to this recipient may be, and this one is larger. Smaller ones get through.",
		causes: []string{
			"A scan or a picture is attached; encoding makes an attachment a third larger than its file.",
			"The limit was set low on purpose, as for an SMS or pager gateway.",
		},
		fixes: []Fix{
			{Operator, "Send the scan in parts or as compact PDF, or into a shared folder and not by mail."},
			{IT, "Raise the limit for that recipient, if the device can't send less."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.3", "list of extended SMTP codes"}, see: []string{"enhanced/3.4", "basic/552"},
	}},
	{"2.4", entry{
		id: "enhanced/2.4", title: "mailing list couldn't be expanded",
		meaning: "The address is a list or group, and the server failed to turn it into its members.",
		causes: []string{
			"A member of the list, or a list inside it, was deleted or leads round in a circle.",
			"The directory that holds the members didn't answer.",
			"The list has more members than the server expands for you.",
		},
		fixes: []Fix{
			{IT, "Open the group, remove dead members, and see that no group contains itself."},
			{Controls, "Name two or three people directly until the group works again."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.3", "list of extended SMTP codes"}, see: []string{"enhanced/7.2", "basic/450", "basic/452"},
	}},
}
