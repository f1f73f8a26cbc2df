package reply

// outlookRules is how Microsoft 365 and Outlook.com answer servers that deliver to them, and what
// they report of deliveries of their own.
var outlookRules = []textRule{
	{
		provider: "Microsoft 365",
		any:      []string{"bad outbound sender", "access denied, spam abuse"},
		entry: entry{
			id:      "m365/account-blocked-spam",
			title:   "Microsoft has stopped the sending account for spam",
			meaning: "Microsoft believes that this account sends spam and lets it send nothing outside.",
			causes: []string{
				"Somebody knows the password and uses the account for spam.",
				"An alarm flood looked like spam.",
			},
			fixes: []Fix{
				{IT, "Change the account's password, end its sessions, then release it under restricted entities in the Defender portal."},
				{IT, "Find the flood or the break-in first: an account that is blocked twice takes much longer to get back."},
				{Controls, "Stop the rung that repeats before the account is released."},
			},
			retry:   RetryChange,
			sources: []string{"Microsoft Learn, non-delivery reports in Exchange Online"},
			see:     []string{"m365/tenant-blocked", "m365/daily-recipients"},
		},
	},
	{
		provider: "Microsoft 365",
		any:      []string{"access denied, banned sender"},
		entry: entry{
			id:      "m365/banned-sender",
			title:   "Microsoft bans this sender or its address",
			meaning: "The sending server's address, or the account, is on Microsoft's own ban list.",
			causes: []string{
				"Spam came from this public address, perhaps from another computer behind it.",
				"The address belonged to a spammer before you had it.",
			},
			fixes: []Fix{
				{IT, "Look for an infected computer behind the address, then write to Microsoft's delisting address with the whole bounce, as the text asks."},
				{IT, "Send through your provider's relay until the ban is lifted."},
				{Provider, "A hoster can give you another public address."},
			},
			retry:   RetryChange,
			sources: []string{"Microsoft Learn, non-delivery reports in Exchange Online"},
			see:     []string{"m365/banned-ip"},
		},
	},
	{
		provider: "Microsoft 365",
		any:      []string{"access denied, banned recipient", "5.7.504 recipient address rejected: access denied"},
		entry: entry{
			id:      "m365/banned-recipient",
			title:   "Microsoft refuses this recipient",
			meaning: "Microsoft takes no mail for this recipient: the address isn't valid, or it is one that Microsoft itself has barred.",
			causes:  []string{"The address was closed or barred, or never existed."},
			fixes: []Fix{
				{Operator, "Ask the recipient for a working address by another way."},
				{Provider, "If the address should work, its company has to open a case with Microsoft."},
			},
			retry:   RetryChange,
			sources: []string{"Microsoft Learn, non-delivery reports in Exchange Online"},
			see:     []string{"m365/recipient-not-in-directory"},
		},
	},
	{
		provider: "Microsoft 365",
		all:      []string{"access denied, bad helo"},
		entry: entry{
			id:      "m365/bad-helo",
			title:   "the HELO name is Microsoft's own",
			meaning: "The sending server introduced itself with the name of the server that it was talking to, as spam programs do.",
			causes:  []string{"HELO is set to the upstream's name and not to the sender's own."},
			fixes: []Fix{
				{Controls, "Set the device's host name to its own, such as plc1.example.com."},
				{IT, "Set the relay's HELO to its public name, the one that its reverse DNS gives."},
			},
			retry:   RetryChange,
			sources: []string{"Microsoft Learn, non-delivery reports in Exchange Online"},
			see:     []string{"generic/helo-refused"},
		},
	},
	{
		provider: "Microsoft 365",
		any:      []string{"access denied, rejected by recipient", "using customer block list"},
		entry: entry{
			id:      "m365/recipient-blocks-you",
			title:   "the receiving company blocks this address",
			meaning: "It isn't Microsoft but the recipient's own company that has put the sending address on its block list.",
			causes:  []string{"Their admin blocked the address after unwanted mail."},
			fixes: []Fix{
				{Provider, "Ask the recipient's admin to take your public address off the tenant's block list."},
				{Operator, "Call the recipient, who can reach that admin more easily than you."},
			},
			retry:   RetryChange,
			sources: []string{"Microsoft Learn, non-delivery reports in Exchange Online"},
			see:     []string{"enhanced/7.1"},
		},
	},
	{
		provider: "Microsoft 365",
		any:      []string{"does not accept email over ipv6", "exceeded permitted limits within"},
		entry: entry{
			id:      "m365/ipv6-not-accepted",
			title:   "delivery by IPv6 isn't taken here",
			meaning: "The sending server came by IPv6, and the recipient's company doesn't take mail that way or has had too much from this range.",
			causes: []string{
				"The company hasn't opted in to mail by IPv6.",
				"Other senders in the same IPv6 range have used up its allowance.",
			},
			fixes:   []Fix{{IT, "Let the mail server send by IPv4, in Postfix with inet_protocols = ipv4, or through a relay."}},
			retry:   RetryChange,
			sources: []string{"Microsoft Learn, non-delivery reports in Exchange Online"},
			see:     []string{"m365/ipv6-unauthenticated"},
		},
	},
	{
		provider: "Microsoft 365",
		any:      []string{"must pass either spf or dkim validation", "sending ipv6 address"},
		entry: entry{
			id:      "m365/ipv6-unauthenticated",
			title:   "by IPv6 Microsoft wants reverse DNS and SPF or DKIM",
			meaning: "Over IPv6 Microsoft is stricter: the address needs a name in reverse DNS, and the mail a valid SPF or DKIM.",
			causes:  []string{"The IPv6 address of the server has no PTR record, or SPF names only the IPv4 address."},
			fixes: []Fix{
				{IT, "Add the IPv6 address to SPF and have its PTR record set, or send by IPv4 only."},
				{Provider, "The line's provider sets the PTR record for an address of theirs."},
			},
			retry:   RetryChange,
			sources: []string{"Microsoft Learn, support for anonymous inbound email over IPv6"},
			see:     []string{"m365/ipv6-not-accepted", "generic/reverse-dns"},
		},
	},
	{
		provider: "Microsoft 365",
		all:      []string{"does not pass dmarc verification"},
		entry: entry{
			id:      "m365/dmarc",
			title:   "the sender's domain fails DMARC at Microsoft",
			meaning: "The domain in the From line asks receivers to refuse mail that isn't proven to come from it, and this mail wasn't.",
			causes: []string{
				"The device sends in the company's name by a path that SPF doesn't list and that doesn't sign.",
				"A forwarder in between broke the proof.",
			},
			fixes: []Fix{
				{IT, "Send through the server that signs for the domain with DKIM, or add the sending address to the domain's SPF record."},
				{Controls, "Use a sender address in a domain that the relay is allowed to use."},
			},
			retry:   RetryChange,
			sources: []string{"Microsoft Learn, non-delivery reports in Exchange Online"},
			see:     []string{"generic/dmarc", "enhanced/7.26"},
		},
	},
	{
		provider: "Microsoft 365",
		any:      []string{"rfc 5322 section 3.6.2", "rfc5322 section 3.6.2"},
		entry: entry{
			id:      "m365/no-from",
			title:   "the mail has no proper From line",
			meaning: "Microsoft found no From header with a real address in the mail.",
			causes: []string{
				"The device writes no From line, or only a name without an address.",
				"The address in it has blanks or no angle brackets where it needs them.",
			},
			fixes: []Fix{
				{Controls, "Fill in the sender address in the device's e-mail set-up; with a name it must read Press 4 <press4@example.com>."},
				{IT, "Let a relay in the plant put that header right for this device."},
			},
			retry:   RetryChange,
			sources: []string{"Microsoft Learn, non-delivery reports in Exchange Online", "RFC 5322 section 3.6.2"},
			see:     []string{"generic/rfc5322"},
		},
	},
	{
		provider: "Microsoft 365",
		any:      []string{"does not meet the required authentication level", "doesn't meet the required authentication level"},
		entry: entry{
			id:      "m365/high-volume-sender",
			title:   "a large sender must pass SPF, DKIM and DMARC",
			meaning: "Domains that send over 5,000 mails a day to Outlook.com, Hotmail and Live must pass SPF and DKIM and publish DMARC, and this one didn't. Microsoft has refused such mail since May 2025.",
			causes: []string{
				"One of the services that send in the domain's name doesn't sign.",
				"The domain has no DMARC record.",
			},
			fixes: []Fix{
				{IT, "Publish DMARC with at least p=none, and let every sender of the domain sign with DKIM and stand in SPF."},
				{IT, "Send plant alarms from a subdomain of their own, so that newsletters don't count with them."},
			},
			retry:   RetryChange,
			sources: []string{"Microsoft support, Fix NDR error 550 5.7.515 in Outlook.com, 2025"},
			see:     []string{"m365/dmarc"},
		},
	},
	{
		provider: "Microsoft 365",
		all:      []string{"access denied, banned sending ip"},
		entry: entry{
			id:      "m365/banned-ip",
			title:   "Microsoft bans the sending IP address",
			meaning: "The public address that the mail comes from is on Microsoft's block list.",
			causes: []string{
				"Spam or a virus came from this address.",
				"It is an address for homes or mobile lines, from which no mail server should send.",
			},
			fixes: []Fix{
				{IT, "Ask for removal at sender.office.com with the address in the text; it takes up to a day."},
				{IT, "Send through a provider's relay and not straight from the plant's line."},
			},
			retry:   RetryChange,
			sources: []string{"Microsoft Learn, use the delist portal"},
			see:     []string{"m365/consumer-block-list", "generic/blocklist"},
		},
	},
	{
		provider: "Microsoft 365",
		any:      []string{"part of their network is on our block list", "weren't sent. please contact your internet service provider"},
		entry: entry{
			id:      "m365/consumer-block-list",
			title:   "Outlook.com blocks the sender's network",
			meaning: "Outlook.com and Hotmail refuse the whole network that the sending address lies in.",
			causes:  []string{"The provider's network has sent much spam; you may only be a neighbour."},
			fixes: []Fix{
				{Provider, "The provider has to clear its network with Microsoft; send them this line with its code such as S3140."},
				{IT, "Until then, send through a relay with a good name."},
			},
			retry:   RetryChange,
			sources: []string{"sisimai, Microsoft table", "Outlook.com postmaster pages"},
			see:     []string{"m365/banned-ip"},
		},
	},
	{
		provider: "Microsoft 365",
		all:      []string{"temporarily rate limited due to ip reputation"},
		entry: entry{
			id:      "m365/ip-rate-limited",
			title:   "Microsoft slows the sending address down for its name",
			meaning: "The sending address is new to Microsoft or has a poor name, so it may deliver only little for now.",
			causes: []string{
				"A new public address, or one that sends rarely.",
				"Complaints about mail from it.",
			},
			fixes:   []Fix{{IT, "Let the queue try again over some hours and send less at a time; register the address with Microsoft's SNDS to see why."}},
			retry:   RetryLater,
			sources: []string{"Outlook.com postmaster pages", "sisimai, Microsoft table"},
			see:     []string{"m365/throttled"},
		},
	},
	{
		provider: "Microsoft 365",
		any:      []string{"access denied, please try again later", "server busy. please try again later from"},
		entry: entry{
			id:      "m365/throttled",
			title:   "Microsoft slows this sender down while it checks",
			meaning: "Microsoft saw something unusual in what the address sends and lets nothing through until it has looked.",
			causes: []string{
				"A sudden burst from an address that is usually quiet: an alarm flood does it.",
				"A new server.",
			},
			fixes: []Fix{
				{IT, "Do nothing but let the queue wait; it clears within hours, and hammering makes it last."},
				{Controls, "Cut the flood at its source with a lockout time in the ladder."},
			},
			retry:   RetryLater,
			sources: []string{"Microsoft Learn, Fix issues for error code 451 4.7.500-699"},
			see:     []string{"m365/ip-rate-limited", "enhanced/7.0"},
		},
	},
	{
		provider: "Microsoft 365",
		any:      []string{"tenant has exceeded threshold", "traffic not accepted from this ip"},
		entry: entry{
			id:      "m365/tenant-blocked",
			title:   "Microsoft has stopped the whole tenant's mail",
			meaning: "Most of what the company sends looks suspicious to Microsoft, so nobody in it may send outside, the plant included.",
			causes: []string{
				"An account of the company was taken over and sends spam.",
				"A relay of the company is open to the world.",
			},
			fixes: []Fix{
				{IT, "Find and close the account or relay, then open a case with Microsoft support: only they can lift this."},
				{IT, "Send plant alarms by a second upstream meanwhile."},
			},
			retry:   RetryChange,
			sources: []string{"Microsoft Learn, error codes 5.7.700 through 5.7.750"},
			see:     []string{"m365/account-blocked-spam"},
		},
	},
	{
		provider: "Microsoft 365",
		all:      []string{"blocked from sending from unregistered domains"},
		entry: entry{
			id:      "m365/unregistered-domain",
			title:   "the sender's domain isn't one of the tenant's",
			meaning: "The tenant relayed much mail whose sender domain isn't registered in it, and Microsoft has stopped that.",
			causes:  []string{"Devices send with a made-up domain such as plant.local in the sender address."},
			fixes: []Fix{
				{Controls, "Give every device a sender in a domain that the company owns."},
				{IT, "Add and verify the domain in the tenant, or have a relay in the plant rewrite the sender."},
			},
			retry:   RetryChange,
			sources: []string{"Microsoft Learn, error codes 5.7.700 through 5.7.750"},
			see:     []string{"m365/connector-mismatch"},
		},
	},
	{
		provider: "Microsoft 365, Exchange",
		all:      []string{"because of sender policy framework violation"},
		entry: entry{
			id:      "m365/spf",
			title:   "SPF forbids this server, says Microsoft",
			meaning: "The sender's domain lists the servers that may send for it, and this one isn't on the list.",
			causes:  []string{"A relay or device in the plant sends straight out, and SPF names only the company's mail provider."},
			fixes: []Fix{
				{IT, "Send through the company's provider, or add the plant's public address to the SPF record."},
				{Controls, "Take a sender address whose domain goes with the relay in use."},
			},
			retry:   RetryChange,
			sources: []string{"Microsoft Learn, non-delivery reports in Exchange Online"},
			see:     []string{"generic/spf", "enhanced/7.23"},
		},
	},
	{
		provider: "Microsoft 365",
		any: []string{
			"cannot connect to remote server", "starttls-not-supported", "certificate-expired", "tlsa-invalid",
			"dnssec-invalid", "certificate-host-mismatch",
		},
		entry: entry{
			id:      "m365/remote-tls",
			title:   "Microsoft couldn't get safe encryption to the recipient's server",
			meaning: "Microsoft had the mail and wanted to deliver it onwards with encryption, as the recipient's domain demands by DANE or MTA-STS, and the other server's TLS, certificate or DNS didn't stand up.",
			causes: []string{
				"The recipient's server has an expired or wrong certificate.",
				"Its DNSSEC or TLSA records are out of date.",
			},
			fixes: []Fix{
				{Provider, "The recipient's mail provider must renew the certificate or mend the DNS records."},
				{Operator, "Reach the recipient another way until it's mended."},
			},
			retry:   RetryLater,
			sources: []string{"Microsoft Learn, how SMTP DANE works"},
			see:     []string{"enhanced/7.5"},
		},
	},
	{
		provider: "Microsoft 365",
		any:      []string{"suspiciousremoteservererror", "[message=socket error code"},
		entry: entry{
			id:      "m365/remote-unreachable",
			title:   "Microsoft can't get through to the recipient's server",
			meaning: "Microsoft has the mail and tries to deliver it, but the recipient's server refuses or breaks the connection.",
			causes:  []string{"The recipient's server or firewall is down or drops Microsoft's addresses."},
			fixes: []Fix{
				{Provider, "Whoever runs the recipient's server must see why it drops connections from Microsoft."},
				{Operator, "Use another address or the telephone if it's urgent."},
			},
			retry:   RetryLater,
			sources: []string{"Microsoft Learn, non-delivery reports in Exchange Online"},
			see:     []string{"enhanced/4.1"},
		},
	},
	{
		provider: "Microsoft 365",
		enhanced: []string{"5.4.310", "4.4.312", "5.4.312", "4.4.0"},
		any:      []string{"infodomainnonexistent", "dns domain", "dns query failed"},
		entry: entry{
			id:      "m365/recipient-domain-missing",
			title:   "Microsoft finds no such recipient domain",
			meaning: "Microsoft looked for the recipient's domain in DNS and didn't find it, or got no answer.",
			causes: []string{
				"The domain in the address is misspelt.",
				"The domain has run out, or its name servers are down.",
			},
			fixes: []Fix{
				{Operator, "Check what stands after the @ sign."},
				{Provider, "The owner of the domain has to renew it or mend its name servers."},
			},
			retry:   RetryChange,
			sources: []string{"Microsoft Learn, non-delivery reports in Exchange Online"},
			see:     []string{"enhanced/1.2", "generic/host-not-found"},
		},
	},
	{
		provider: "Microsoft 365, Exchange",
		any:      []string{"queue.expired; message expired", "4.4.7 message delayed", "5.4.300 message expired", "4.4.7 message expired"},
		entry: entry{
			id:      "m365/message-expired",
			title:   "Microsoft gave up after trying for a day or more",
			meaning: "Microsoft or Exchange kept the mail in its queue, tried again and again, and its time ran out.",
			causes: []string{
				"The recipient's server was down or out of reach the whole time.",
				"The domain's MX record points to a server that is gone.",
			},
			fixes: []Fix{
				{Operator, "Send it again if it still matters, and reach the person by another way."},
				{Provider, "The recipient's provider should see why its server didn't answer."},
			},
			retry:   RetryLater,
			sources: []string{"Microsoft Learn, non-delivery reports in Exchange Online"},
			see:     []string{"enhanced/4.7"},
		},
	},
	{
		provider: "Microsoft 365, Exchange",
		any:      []string{"barelinefeedsareillegal", "bare linefeeds, which cannot be sent", "invalidcharacters"},
		entry: entry{
			id:      "m365/bare-lf",
			title:   "lines end in LF alone and the next server can't take that",
			meaning: "The mail has lines that end in a line feed without a carriage return, and the server that Microsoft wants to hand it to doesn't take such lines.",
			causes: []string{
				"The device or script ends lines with LF only.",
				"A text file was pasted into the mail as it was.",
			},
			fixes: []Fix{
				{Controls, "Put $N, which is carriage return and line feed, at the end of each line of the ladder text."},
				{IT, "Send through a relay in the plant that makes line ends whole before Microsoft sees them."},
			},
			retry:   RetryChange,
			sources: []string{"Microsoft Learn, Fix NDR error 550 5.6.11 in Exchange Online"},
			see:     []string{"generic/bare-lf"},
		},
	},
	{
		provider: "Microsoft 365",
		all:      []string{"too many recipients"},
		any:      []string{"(as780090)", "as780090", "protection.outlook.com"},
		entry: entry{
			id:      "m365/too-many-recipients",
			title:   "too many recipients of one domain in one mail",
			meaning: "Microsoft takes a limited number of recipients of one company in one go; the rest should come in a second go.",
			causes:  []string{"The recipient list is very long."},
			fixes: []Fix{
				{IT, "Let the relay split the mail into several with fewer recipients each; a proper mail server does so by itself."},
				{Controls, "Use a distribution list in the place of many addresses."},
			},
			retry:   RetryYes,
			sources: []string{"Microsoft Learn, non-delivery reports in Exchange Online"},
			see:     []string{"generic/too-many-recipients", "basic/452"},
		},
	},
}
