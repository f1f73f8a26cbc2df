package reply

// enhancedSystem is subject 3, the mail system at the destination.
var enhancedSystem = []enhancedEntry{
	{"3.0", entry{
		id: "enhanced/3.0", title: "something about the mail system",
		meaning: "The receiving mail system as a whole had a fault or an objection. The addresses are fine as far as it knows.",
		causes: []string{
			"A service inside the server has stopped: storage, queue or filter.",
			"The server wraps a refusal by a filter in this general code.",
		},
		fixes: []Fix{
			{IT, "Read the words behind the code, then the server's event log; restart the part of it that has stopped."},
			{Provider, "If it is the recipient's system, let its postmaster know; you can't mend it from the plant."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.4", "list of extended SMTP codes"}, see: []string{"basic/451", "basic/554", "enhanced/3.5"},
	}},
	{"3.1", entry{
		id: "enhanced/3.1", title: "mail system's storage full",
		meaning: "The whole server is out of room, not one mailbox. Everyone who sends to it is turned away.",
		causes: []string{
			"Its disk or queue partition has filled, by logs or by a flood of mail.",
			"The server stops taking mail early, at a threshold that keeps some space free.",
		},
		fixes: []Fix{
			{IT, "Free or add disk space on the server that answered; Exchange on site and Postfix both stop well before the disk is quite full."},
			{Provider, "For somebody else's server, telephone: mail to its postmaster won't get in either."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.4", "list of extended SMTP codes"}, see: []string{"basic/452", "enhanced/2.2"},
	}},
	{"3.2", entry{
		id: "enhanced/3.2", title: "system isn't taking mail",
		meaning: "The host is up but has been told to take no mail from the network, for a while or always.",
		causes: []string{
			"Maintenance, a restart, or too many open sessions from one account.",
			"The host isn't meant for receiving: a send-only server or a web host.",
		},
		fixes: []Fix{
			{Controls, "Check the Server Address of the set-up against the name of your real mail server."},
			{IT, "See whether the server is paused or in maintenance mode, and how many sessions it lets one client have."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.4", "list of extended SMTP codes"}, see: []string{"basic/521", "basic/421", "basic/432"},
	}},
	{"3.3", entry{
		id: "enhanced/3.3", title: "feature that the mail needs isn't there",
		meaning: "The mail asks for something that the receiving system can't do, such as 8-bit or binary text.",
		causes: []string{
			"The sending relay passes on a form of mail that the next server, often an old one, doesn't know.",
		},
		fixes: []Fix{
			{IT, "Set the relay to plain 7-bit text with MIME encoding for that destination."},
			{Controls, "As a test send a body of unaccented letters and digits only."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.4", "list of extended SMTP codes"}, see: []string{"enhanced/6.3", "basic/555"},
	}},
	{"3.4", entry{
		id: "enhanced/3.4", title: "mail larger than the system takes",
		meaning: "No mailbox of that system can get a mail as large as this one.",
		causes: []string{
			"A scan, log file or camera picture goes beyond the server's largest size, ten to thirty-five megabytes in most places.",
			"The device's attachment grows by a third when it is encoded for mail.",
		},
		fixes: []Fix{
			{Operator, "Lower the scan's resolution or colour, or scan to a folder and mail the path."},
			{IT, "Read the SIZE figure in the server's EHLO answer, and set the device or the relay below it."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.4", "RFC 1870", "list of extended SMTP codes"}, see: []string{"enhanced/2.3", "basic/552"},
	}},
	{"3.5", entry{
		id: "enhanced/3.5", title: "server wrongly set up",
		meaning: "The server has noticed that its own settings contradict each other, so that it can't deliver.",
		causes: []string{
			"It finds that the mail's destination is itself, though it has no mailboxes for that domain.",
			"A transport, connector or table names a host that isn't there.",
		},
		fixes: []Fix{
			{IT, "Check the list of local domains and the MX record against each other, and undo the last change to the routes."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.4", "list of extended SMTP codes"}, see: []string{"enhanced/4.6", "enhanced/3.0"},
	}},
	{"3.6", entry{
		id: "enhanced/3.6", title: "priority was changed",
		meaning: "The mail was given another priority than it asked for. As a rule it comes with success and the mail is on its way.",
		causes: []string{
			"The sender asked for a priority that the server doesn't grant to it.",
		},
		fixes: []Fix{
			{IT, "Nothing, if the mail came in time. To keep the priority, permit it for that sender on the server."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 6710"}, see: []string{"enhanced/7.15", "basic/250"},
	}},
}

// enhancedNetwork is subject 4, network and routing.
var enhancedNetwork = []enhancedEntry{
	{"4.0", entry{
		id: "enhanced/4.0", title: "something about the network or the route",
		meaning: "Between the server that has the mail and the one that should get it, something didn't work.",
		causes: []string{
			"A firewall, a provider's line or a name server was in trouble.",
		},
		fixes: []Fix{
			{IT, "From the mail server, look up the destination's MX and try a connection to its port 25; the step that fails is the one to mend."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.5", "list of extended SMTP codes"}, see: []string{"enhanced/4.1", "enhanced/4.4"},
	}},
	{"4.1", entry{
		id: "enhanced/4.1", title: "destination host doesn't answer",
		meaning: "The server took your mail but can't get through to the next one: nobody picks up there.",
		causes: []string{
			"The destination's mail server is down, or has a new address.",
			"Your provider blocks port 25 to the outside, as most do for ordinary lines.",
			"A firewall lets the plant out, but not the mail server.",
		},
		fixes: []Fix{
			{IT, "Try a connection from the mail server to port 25 of the host named in the text. If no host at all answers, it is your firewall or your provider."},
			{IT, "Send through the provider's own relay on port 587, if port 25 is closed to you."},
			{Provider, "If only this one destination is silent, its administrator has to bring it back."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.5", "list of extended SMTP codes"}, see: []string{"enhanced/4.2", "enhanced/4.4", "basic/451"},
	}},
	{"4.2", entry{
		id: "enhanced/4.2", title: "connection broke",
		meaning: "The two servers were in touch and lost each other before the mail was across.",
		causes: []string{
			"The far server hung up, out of overload or because it took offence.",
			"A bad line, a restarting router or a firewall that forgets slow sessions.",
			"Packets are too large for a tunnel on the way, so that only long mails break.",
		},
		fixes: []Fix{
			{IT, "Compare the times of the breaks: always at the same second means a timeout in a firewall, at random means the line."},
			{Controls, "If it is the connection from the module itself, look at the link lights, the cable and the duplex setting of the switch port."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.5", "list of extended SMTP codes"}, see: []string{"basic/421", "enhanced/4.1"},
	}},
	{"4.3", entry{
		id: "enhanced/4.3", title: "directory or name server failed",
		meaning: "The server couldn't ask where the mail should go, because DNS or its directory was out of reach.",
		causes: []string{
			"The mail server's name server is down or mistyped in its network settings.",
			"The company directory behind the recipients' list isn't answering.",
			"The destination's own name servers are out of order.",
		},
		fixes: []Fix{
			{IT, "On the mail server run nslookup for two domains. If both fail, give it another name server."},
			{IT, "If DNS is well, see whether the server's account for the directory has expired."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.5", "list of extended SMTP codes"}, see: []string{"basic/451", "enhanced/4.4", "enhanced/1.2"},
	}},
	{"4.4", entry{
		id: "enhanced/4.4", title: "no route to the destination",
		meaning: "The server can look the domain up, but finds no way of getting mail there.",
		causes: []string{
			"The domain has no MX and no host record, or its MX names a host without an address.",
			"The server knows the way to its own domains only and has no smart host for the rest.",
		},
		fixes: []Fix{
			{IT, "Enter a smart host or a default route on the mail server, if every outside address fails."},
			{Controls, "If a single address fails, check the spelling of what follows its at sign."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.5", "list of extended SMTP codes"}, see: []string{"enhanced/1.2", "enhanced/4.6", "enhanced/3.5"},
	}},
	{"4.5", entry{
		id: "enhanced/4.5", title: "too much traffic",
		meaning: "The mail system is flooded and puts your mail behind others.",
		causes: []string{
			"Many mails were sent together, by you or by everybody.",
			"You have used up the number of mails that the provider gives an account in an hour or a day.",
		},
		fixes: []Fix{
			{Controls, "Collect alarms in the ladder and send one mail every few minutes, not one an alarm."},
			{IT, "Slow the relay down for this destination: one connection at a time."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.5", "list of extended SMTP codes"}, see: []string{"basic/421", "basic/451", "enhanced/7.28"},
	}},
	{"4.6", entry{
		id: "enhanced/4.6", title: "mail goes round in a circle",
		meaning: "The mail came by the same servers again and again, until one of them counted too many stations and stopped it.",
		causes: []string{
			"Two servers each believe that the other has the mailbox.",
			"Two people, or two groups, forward to each other.",
			"The smart host is set to the server itself.",
		},
		fixes: []Fix{
			{IT, "Read the Received lines of the returned mail from the bottom up. Where two names alternate, mend the route on one of the two."},
			{Operator, "Switch off the forward that you set before your holiday, if you are one end of the circle."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.5", "list of extended SMTP codes"}, see: []string{"enhanced/3.5", "enhanced/2.4"},
	}},
	{"4.7", entry{
		id: "enhanced/4.7", title: "mail too old, given up",
		meaning: "The mail waited in a queue for so long that the server stopped trying. The true reason is in the earlier attempts.",
		causes: []string{
			"The destination was away for days.",
			"The server kept deferring the mail, for instance over a rate or a full mailbox.",
			"The mail carries a wrong date, from a controller whose clock is years behind, and was counted as old.",
		},
		fixes: []Fix{
			{IT, "Find the first deferral of this mail in the log and mend what it says."},
			{Controls, "Set the clock of the CPU or the device, if the Date line of the mail is wrong."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.5", "list of extended SMTP codes"}, see: []string{"enhanced/4.1", "enhanced/2.2"},
	}},
}
