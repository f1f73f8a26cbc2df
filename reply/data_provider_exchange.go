package reply

// exchangeRules is what an Exchange server, on site or at Microsoft, says of relaying, recipients
// and its own health.
var exchangeRules = []textRule{
	{
		provider: "Exchange, IIS",
		all:      []string{"unable to relay"},
		entry: entry{
			id:      "exchange/unable-to-relay",
			title:   "the Exchange or IIS server won't pass mail on",
			meaning: "The server would have to send this mail on to another company, and it does that only for clients that it has been told to trust.",
			causes: []string{
				"The device's address isn't on the relay list of the receive connector or of the IIS SMTP service.",
				"The recipient's domain is misspelt, so that the server doesn't see it as its own.",
				"The old relay was the SMTP service of IIS, which Windows Server 2025 no longer has, and the new server was set up stricter.",
			},
			fixes: []Fix{
				{IT, "Add the plant's addresses to a receive connector that may relay, as few as possible, or let a relay in the plant log in."},
				{Operator, "Check the spelling of the recipient's domain."},
			},
			retry:   RetryChange,
			sources: []string{"Microsoft Learn, Allow anonymous relay on Exchange servers", "list of ESMTP status codes, 2002"},
			see:     []string{"generic/relaying-denied", "exchange/client-not-authenticated"},
		},
	},
	{
		provider: "Microsoft 365, Exchange",
		any:      []string{"sendernotauthenticatedforgroup", "sender not authenticated for group"},
		entry: entry{
			id:      "exchange/group-internal-only",
			title:   "the group takes mail from logged-in senders only",
			meaning: "The recipient is a distribution list that takes mail from people who are logged in to its company, and this mail came in as a stranger's.",
			causes: []string{
				"The list was made with the default that shuts out outside senders.",
				"The controller's mail came without a login, though from inside the plant.",
			},
			fixes: []Fix{
				{IT, "In the list's settings, under delivery management, allow senders from outside the organisation."},
				{IT, "Or send with an account of the company."},
				{Controls, "Until then, name the people one by one in the recipient list."},
			},
			retry:   RetryChange,
			sources: []string{"Microsoft Learn, non-delivery reports in Exchange Online"},
			see:     []string{"m365/group-members-only"},
		},
	},
	{
		provider: "Microsoft 365, Exchange",
		any: []string{
			"sendernotauthenticatedformailbox", "sender was not authenticated for mailbox",
			"sender not authenticated for mailbox", "sender was not authenticated for public folder",
			"sendernotauthenticatedformailuser", "sender was not authenticated by organization",
		},
		entry: entry{
			id:      "exchange/mailbox-internal-only",
			title:   "the mailbox takes mail from its own company only",
			meaning: "The recipient's mailbox, mail user or public folder is closed to senders from outside, and mail without a login counts as that.",
			causes: []string{
				"The mailbox is a room, a shared mailbox or a folder that was made for inside use.",
				"A mail contact stands for an outside address and carries the same restriction.",
			},
			fixes: []Fix{
				{IT, "Take the tick away from Require that all senders are authenticated, in the recipient's delivery settings."},
				{Provider, "If the recipient is in another company, its admin has to do that."},
			},
			retry:   RetryChange,
			sources: []string{"Microsoft Learn, non-delivery reports in Exchange Online"},
			see:     []string{"exchange/group-internal-only"},
		},
	},
	{
		provider: "Microsoft 365, Exchange",
		any: []string{
			"not in allowed-senders list", "sendernotinallowedsenderslist", "resolver.rst.notauthorized",
			"resolver.rst.restrictedtorecipientspermission",
		},
		entry: entry{
			id:      "m365/group-members-only",
			title:   "the sender isn't on the group's list of allowed senders",
			meaning: "The recipient takes mail from named senders only, and this sender isn't one of them.",
			causes: []string{
				"The list's owner has named who may write to it and the alarm account is missing.",
				"The alarm account was renamed, and the rule still has the old name.",
			},
			fixes: []Fix{
				{IT, "Add the sending address to the accepted senders of the group or mailbox."},
				{Operator, "Ask the group's owner which address may write to it."},
			},
			retry:   RetryChange,
			sources: []string{"Microsoft Learn, non-delivery reports in Exchange Online"},
			see:     []string{"exchange/group-internal-only"},
		},
	},
	{
		provider: "Exchange",
		all:      []string{"resolver.rst.authrequired"},
		entry: entry{
			id:      "exchange/auth-required",
			title:   "the recipient takes mail from logged-in senders only",
			meaning: "An Exchange server says that this recipient is closed to anonymous mail.",
			causes:  []string{"The recipient is a list or mailbox with the restriction for inside senders, on an older Exchange."},
			fixes: []Fix{
				{IT, "Allow outside senders on the recipient, with Set-DistributionGroup or Set-Mailbox -RequireSenderAuthenticationEnabled $false."},
				{Controls, "Send through a connector or account that logs in."},
			},
			retry:   RetryChange,
			sources: []string{"Microsoft Learn, non-delivery reports in Exchange Server"},
			see:     []string{"exchange/group-internal-only", "exchange/mailbox-internal-only"},
		},
	},
	{
		provider: "Microsoft 365, Exchange",
		any:      []string{"resolver.adr.", "recipient not found by smtp address lookup"},
		entry: entry{
			id:      "exchange/recipient-not-found",
			title:   "Exchange knows no such recipient",
			meaning: "The server holds the recipient's domain but has no mailbox, list or contact with this address.",
			causes: []string{
				"A typing error in the address.",
				"The person has left and the mailbox is gone.",
				"The mailbox is new and the directory hasn't spread it yet.",
			},
			fixes: []Fix{
				{Operator, "Compare the address letter by letter with the company's address book."},
				{IT, "If the mailbox is new, wait an hour; if it should exist, look for the address among its aliases."},
				{Controls, "Use a list such as oncall@example.com in the controller, so that a leaver doesn't mean a program change."},
			},
			retry:   RetryChange,
			sources: []string{"Microsoft Learn, non-delivery reports in Exchange Online"},
			see:     []string{"enhanced/1.1", "generic/user-unknown"},
		},
	},
	{
		provider: "Microsoft 365",
		all:      []string{"5.4.1 recipient address rejected: access denied"},
		entry: entry{
			id:      "m365/recipient-not-in-directory",
			title:   "Microsoft stops unknown recipients at the door",
			meaning: "Microsoft looked the recipient up before taking the mail and didn't find it in the company's directory. The words access denied mislead: nobody is blocked.",
			causes: []string{
				"The address is misspelt or the mailbox is gone.",
				"The mailbox still lives on a server on site, and the directory in the cloud doesn't know it.",
				"A mail-enabled public folder isn't in the synchronised directory.",
			},
			fixes: []Fix{
				{Operator, "Check the address for a typing error."},
				{IT, "See that the recipient is in Microsoft 365 under active users, groups or contacts; in a mixed set-up, set the domain to internal relay until all are there."},
			},
			retry:   RetryChange,
			sources: []string{"Microsoft Learn, Fix NDR error 550 5.4.1 in Exchange Online"},
			see:     []string{"exchange/recipient-not-found", "enhanced/4.1"},
		},
	},
	{
		provider: "Exchange",
		any:      []string{"reserved by rfc 2606", "single label domains not accepted"},
		entry: entry{
			id:      "exchange/reserved-domain",
			title:   "the recipient's domain is a made-up one",
			meaning: "The address ends in something that can't exist on the internet, such as .test or .local, or has no dot at all.",
			causes: []string{
				"An example address from a manual is still in the program.",
				"The address is a bare name such as shift@plant.",
			},
			fixes: []Fix{
				{Controls, "Replace the address by a real one in the device's recipient list."},
				{Operator, "Tell the controls engineer which address the alarm should really go to."},
			},
			retry:   RetryChange,
			sources: []string{"Microsoft Learn, non-delivery reports in Exchange Server", "RFC 2606"},
			see:     []string{"enhanced/1.2"},
		},
	},
	{
		provider: "Microsoft 365, Exchange",
		all:      []string{"storedrv.deliver"},
		any:      []string{"quotaexceeded", "mailbox full"},
		entry: entry{
			id:      "m365/recipient-mailbox-full",
			title:   "the recipient's mailbox at Microsoft is full",
			meaning: "The recipient's mailbox, on a Microsoft server, has reached its limit and takes nothing more.",
			causes:  []string{"The person doesn't tidy up, or alarm mail has filled the mailbox."},
			fixes: []Fix{
				{Operator, "Ask the recipient by telephone to empty the mailbox, the deleted items too."},
				{IT, "Raise the quota or switch on the archive for that mailbox."},
				{Controls, "Add a second recipient for alarms that matter."},
			},
			retry:   RetryChange,
			sources: []string{"Microsoft Learn, non-delivery reports in Exchange Online"},
			see:     []string{"enhanced/2.2", "m365/sent-items-full", "generic/mailbox-full"},
		},
	},
	{
		provider: "Microsoft 365, Exchange",
		any:      []string{"accountdisabledexception", "mailbox cannot be accessed"},
		entry: entry{
			id:      "exchange/mailbox-disabled",
			title:   "the recipient's mailbox is switched off",
			meaning: "The mailbox is there, but the account is disabled and takes no mail.",
			causes: []string{
				"The person has left and the account was disabled first.",
				"The licence was taken away.",
			},
			fixes: []Fix{
				{IT, "Enable the account or license it again, or forward the address to the person's successor."},
				{Operator, "Take the address off the alarm list if nobody follows."},
			},
			retry:   RetryChange,
			sources: []string{"Microsoft Learn, non-delivery reports in Exchange Server"},
			see:     []string{"enhanced/2.1"},
		},
	},
	{
		provider: "Microsoft 365, Exchange",
		any: []string{
			"recipient thread limit exceeded", "per hour message receive limit",
			"exceeded the number of messages they can receive per hour",
			"has exceeded their limit for the number of messages",
		},
		entry: entry{
			id:      "m365/recipient-busy",
			title:   "the recipient gets too much mail at once",
			meaning: "The recipient's mailbox is being given more mail than Microsoft lets one mailbox take in a short time.",
			causes: []string{
				"An alarm flood to one person.",
				"Many devices report to the same mailbox on the hour.",
			},
			fixes: []Fix{
				{Controls, "Bundle alarms: one mail with a count in the place of one for each change."},
				{IT, "Spread the mail over several mailboxes, and have alarms that repeat cut down where they begin."},
			},
			retry:   RetryLater,
			sources: []string{"Microsoft Learn, non-delivery reports in Exchange Online"},
			see:     []string{"enhanced/2.1"},
		},
	},
	{
		provider: "Microsoft 365, Exchange",
		all:      []string{"storedrv.submission"},
		entry: entry{
			id:      "exchange/store-submission",
			title:   "the sending mailbox's store refused the mail",
			meaning: "Exchange had the mail and then failed to put it through the mailbox that sends it; the words after Exception say how.",
			causes: []string{
				"The sending mailbox was moved, disabled or damaged.",
				"The message has parts that the store can't take.",
			},
			fixes: []Fix{
				{IT, "Sign in to the sending mailbox by browser and send a plain mail; if that fails too, the mailbox itself needs care."},
				{IT, "Open a case with Microsoft and give them the whole line, with what stands in square brackets."},
			},
			retry:   RetryChange,
			sources: []string{"Microsoft Learn, non-delivery reports in Exchange Online"},
			see:     []string{"m365/send-as-denied-late", "m365/sent-items-full"},
		},
	},
	{
		provider: "Exchange",
		any:      []string{"maximum number of concurrent connections has exceeded a limit", "concurrent server connections has exceeded"},
		entry: entry{
			id:      "exchange/too-many-connections",
			title:   "the Exchange server has too many connections",
			meaning: "The server limits how many connections it holds, in all or from one address, and is at that limit.",
			causes: []string{
				"Devices open connections and never close them.",
				"All devices come through one NAT address, which counts as one client.",
			},
			fixes: []Fix{
				{Controls, "Have devices close with QUIT, and spread reports over time."},
				{IT, "Raise MaxInboundConnectionPerSource on the connector for the plant's address."},
			},
			retry:   RetryLater,
			sources: []string{"Microsoft Learn, message rate limits and throttling in Exchange Server"},
			see:     []string{"basic/421", "m365/concurrent-connections"},
		},
	},
	{
		provider: "Exchange",
		all:      []string{"message submission rate for this client has exceeded"},
		entry: entry{
			id:      "exchange/rate-limited",
			title:   "the Exchange server slows this client down",
			meaning: "The client handed in more mail in a minute than the receive connector allows.",
			causes:  []string{"The connector for clients allows 5 mails a minute by default, which an alarm burst passes at once."},
			fixes: []Fix{
				{IT, "Raise MessageRateLimit on the connector that the plant uses."},
				{Controls, "Collect alarms for some seconds and send them as one mail."},
			},
			retry:   RetryLater,
			sources: []string{"Microsoft Learn, message rate limits and throttling in Exchange Server"},
			see:     []string{"exchange/too-many-connections"},
		},
	},
	{
		provider: "Exchange",
		all:      []string{"insufficient system resources"},
		entry: entry{
			id:      "exchange/low-resources",
			title:   "the Exchange server is short of disk or memory",
			meaning: "The server protects itself: its disk or memory is nearly used up, so it takes no mail until that is better.",
			causes: []string{
				"The disk with the mail queue is nearly full.",
				"A virtual server has too little fixed memory.",
			},
			fixes: []Fix{
				{IT, "Free space on the disk that holds the queue database, then look at the event log for back pressure."},
				{IT, "Keep mail in the relay's queue meanwhile: nothing is lost."},
			},
			retry:   RetryLater,
			sources: []string{"Microsoft Learn, understanding back pressure in Exchange Server"},
			see:     []string{"enhanced/3.1"},
		},
	},
	{
		provider: "Exchange",
		any:      []string{"4.3.2 service not available", "4.3.2 service not active"},
		entry: entry{
			id:      "exchange/service-inactive",
			title:   "part of the Exchange server isn't running",
			meaning: "The server answers, but the part of it that should take mail is stopped, in maintenance or shutting down.",
			causes: []string{
				"An update is being put in, or the server was left in maintenance.",
				"A transport service has stopped.",
			},
			fixes: []Fix{
				{IT, "See with Get-ServerComponentState which components are inactive, and start them again."},
				{IT, "If an update is running, wait; a relay with a queue tries again by itself."},
			},
			retry:   RetryLater,
			sources: []string{"Microsoft Learn, non-delivery reports in Exchange Server"},
			see:     []string{"enhanced/3.2", "basic/421"},
		},
	},
	{
		provider: "Microsoft 365, Exchange",
		any:      []string{"temporary server error. please try again later", "insufficient system resource:", "pfa agent busy"},
		entry: entry{
			id:      "exchange/temporary-error",
			title:   "a passing fault inside the Microsoft server",
			meaning: "The front server took the command but the server behind it didn't answer in time or couldn't find its way.",
			causes: []string{
				"Microsoft has a short disturbance.",
				"On site: wrong DNS servers on the network card of the Exchange server, which is the usual cause of PRX1 to PRX5.",
			},
			fixes: []Fix{
				{IT, "On site, give the Exchange server only the company's own DNS servers and restart the transport services."},
				{Provider, "Microsoft mends its own side; look at the service health page if it lasts over an hour."},
			},
			retry:   RetryLater,
			sources: []string{"Microsoft Learn, non-delivery reports in Exchange Server"},
			see:     []string{"enhanced/4.3", "basic/451"},
		},
	},
	{
		provider: "Exchange",
		all:      []string{"send hello first"},
		entry: entry{
			id:      "exchange/hello-first",
			title:   "MAIL came before EHLO",
			meaning: "The client gave a command before it had introduced itself.",
			causes: []string{
				"The device skips HELO, or its HELO was refused and it went on all the same.",
				"A firewall that meddles with SMTP swallowed the EHLO.",
			},
			fixes: []Fix{
				{Controls, "Fill in a host name for HELO in the device's set-up, and look in the trace whether the HELO line goes out."},
				{IT, "Switch off SMTP inspection, also called fixup, in the firewall between."},
			},
			retry:   RetryChange,
			sources: []string{"RFC 5321 section 4.1.4", "Microsoft Learn, non-delivery reports in Exchange Server"},
			see:     []string{"basic/503", "enhanced/5.2"},
		},
	},
	{
		provider: "Exchange",
		any:      []string{"exceeds fixed maximum message size", "resolver.rst.recipsizelimit", "resolver.rst.sendsizelimit"},
		entry: entry{
			id:      "exchange/message-too-big",
			title:   "the mail is larger than the server allows",
			meaning: "The mail is over a size limit of the Exchange server, of the connector or of one mailbox.",
			causes: []string{
				"A large attachment, such as a scan or a trend export; it grows by a third when it is packed for mail.",
				"A low limit on the connector for devices.",
			},
			fixes: []Fix{
				{Controls, "Send less: a smaller picture, a shorter log, or a link to a file share."},
				{IT, "Raise the limit on connector, organisation and mailbox; the lowest one counts."},
			},
			retry:   RetryChange,
			sources: []string{"Microsoft Learn, message size and recipient limits in Exchange Server"},
			see:     []string{"enhanced/3.4", "generic/message-too-big"},
		},
	},
	{
		provider: "Exchange",
		any:      []string{"rejected as spam by content filtering", "content filter agent quarantined"},
		entry: entry{
			id:      "exchange/content-filter",
			title:   "the Exchange spam filter refused the mail",
			meaning: "The filter on the receiving Exchange server took the mail for spam.",
			causes: []string{
				"Alarm mail is short, full of numbers and has no greeting: it looks like a machine's.",
				"The sending address isn't known to the filter.",
			},
			fixes: []Fix{
				{IT, "Put the sender on the filter's allowed list, or exempt the connector that the plant uses."},
				{Controls, "Write a plain subject with the plant's name, and avoid capitals and links."},
			},
			retry:   RetryChange,
			sources: []string{"Microsoft Learn, content filtering in Exchange Server"},
			see:     []string{"generic/spam"},
		},
	},
	{
		provider: "Microsoft 365, Exchange",
		any:      []string{"transport.rules.rejectmessage", "rejected by organization policy"},
		entry: entry{
			id:      "m365/mail-flow-rule",
			title:   "a mail flow rule of the company refused the mail",
			meaning: "Somebody in the company that sends or receives has written a rule, and this mail meets it.",
			causes: []string{
				"A rule stops mail from this sender, with this word, or with this kind of attachment.",
				"A rule meant for people catches the alarm account too.",
			},
			fixes: []Fix{
				{IT, "Look through the mail flow rules in the Exchange admin centre; the message trace names the one that applied. Add an exception for the alarm account."},
				{Provider, "If it is the recipient's rule, ask their admin for an exception."},
			},
			retry:   RetryChange,
			sources: []string{"Microsoft Learn, mail flow rule actions in Exchange"},
			see:     []string{"enhanced/7.1"},
		},
	},
	{
		provider: "Microsoft 365, Exchange",
		any:      []string{"hop count exceeded - possible mail loop"},
		entry: entry{
			id:      "exchange/loop",
			title:   "Exchange has stopped a mail that went in circles",
			meaning: "Two servers, or two rules, each hand the mail to the other, and Exchange has stopped the game.",
			causes: []string{
				"Mailbox A forwards to B and B to A.",
				"A domain is set to internal relay although no server behind it has the mailbox.",
				"Two receive connectors have the same name.",
			},
			fixes: []Fix{
				{IT, "Follow the Received lines in the bounce from below to above, and break the loop where the same pair of servers begins to repeat."},
				{Operator, "Switch off forwarding in the recipient's mailbox if it points back."},
			},
			retry:   RetryChange,
			sources: []string{"Microsoft Learn, non-delivery reports in Exchange Online"},
			see:     []string{"enhanced/4.6", "generic/loop"},
		},
	},
}
