package reply

import "slices"

// genericRules is what any server may say. They come after all rules for one provider.
var genericRules = slices.Concat(genericTrustRules, genericAccessRules, genericMailRules)

// genericTrustRules is about the sender's good name, its proofs, and relaying.
var genericTrustRules = []textRule{
	{
		provider: "any",
		any:      []string{"requiretls", "tls required by sender", "tls required by the sender"},
		entry: entry{
			id:      "generic/requiretls",
			title:   "the mail demands encryption all the way",
			meaning: "The mail carries the mark REQUIRETLS: every server on its way must encrypt, or refuse. The next one can't promise that.",
			causes: []string{
				"The sender's software sets the mark on all mail.",
				"The recipient's server is old.",
			},
			fixes: []Fix{
				{IT, "Switch the mark off at the sender for this kind of mail, if it may travel unencrypted."},
				{Provider, "The recipient's server would have to offer REQUIRETLS."},
			},
			retry:   RetryChange,
			sources: []string{"RFC 8689"},
			see:     []string{"enhanced/7.30", "m365/basic-auth-off"},
		},
	},
	{
		provider: "any",
		any:      []string{"password transition is needed", "password transition needed"},
		entry: entry{
			id:      "generic/password-transition",
			title:   "the server wants the password given once more in plain form",
			meaning: "The server has stored the password in an older form and needs one login with the plain kind, over TLS, to store it anew. It isn't about too many connections, although another provider uses 432 for that.",
			causes:  []string{"The server's password store was moved to another form."},
			fixes: []Fix{
				{Controls, "On a device or relay that logs in, do so once with PLAIN over TLS, or set it to that for good."},
				{IT, "Or set the password anew in the server's own pages."},
			},
			retry:   RetryChange,
			sources: []string{"RFC 4954 section 6"},
			see:     []string{"basic/432", "enhanced/7.12", "m365/concurrent-connections"},
		},
	},
	{
		provider: "any",
		any:      []string{"greylist", "graylist", "grey-list", "gray-list", "grey listing", "postgrey", "milter-greylist"},
		entry: entry{
			id:      "generic/greylisting",
			title:   "the server wants to see whether you come back",
			meaning: "The server doesn't know this sender, address and recipient together, so it puts the first attempt off. Whoever comes back after some minutes is let in; spam programs mostly don't.",
			causes: []string{
				"A first mail to this recipient, or from a new address.",
				"The device gives up at the first refusal, so that it never gets through.",
			},
			fixes: []Fix{
				{IT, "Nothing to mend where a relay with a queue sends: it tries again by itself. It takes 5 to 30 minutes, once."},
				{Controls, "If the device sends straight and has no queue, send through a relay in the plant, which has one."},
				{IT, "Have the recipient's server exempt the plant's address, if alarms can't wait."},
			},
			retry:   RetryLater,
			sources: []string{"RFC 6647"},
			see:     []string{"basic/450", "basic/451", "enhanced/7.1"},
		},
	},
	{
		provider: "any",
		all:      []string{"spamhaus"},
		none:     []string{"dbl"},
		entry: entry{
			id:      "generic/blocklist-spamhaus",
			title:   "the sending address is on a Spamhaus list",
			meaning: "The recipient's server asked Spamhaus about the public address that the mail comes from, and it is listed.",
			causes: []string{
				"PBL: the address is one of homes or dynamic lines, from which no mail server should send; that isn't a reproach.",
				"XBL or CSS: a device behind the address has a virus or sends spam.",
				"The server asked Spamhaus through a public resolver, which Spamhaus answers with an error code that some servers take for a listing.",
			},
			fixes: []Fix{
				{IT, "Look the address up at check.spamhaus.org: it names the list and what to do. Clean up first, then ask for removal."},
				{IT, "For a PBL listing send through the provider's relay with a login."},
			},
			retry:   RetryChange,
			sources: []string{"Spamhaus, blocklist removal centre"},
			see:     []string{"generic/blocklist", "generic/dynamic-address"},
		},
	},
	{
		provider: "any",
		any:      []string{"spamhaus dbl", "spamhaus.org/dbl", "dbl.spamhaus", "uribl", "surbl", "blacklisted url", "blocklisted url"},
		entry: entry{
			id:      "generic/link-listed",
			title:   "a domain in the mail is on a block list",
			meaning: "The recipient's server looked up the domains in the mail, in its links or its sender, and one is on a list of bad ones.",
			causes: []string{
				"A link to a shortener or to a web page that was hacked.",
				"The sender's own domain is listed.",
			},
			fixes: []Fix{
				{Controls, "Take links out of the alarm text."},
				{IT, "Look the domain up at the list that the answer names, and ask for removal once it's clean."},
			},
			retry:   RetryChange,
			sources: []string{"Spamhaus, domain block list", "sisimai, Apple table"},
			see:     []string{"generic/spam"},
		},
	},
	{
		provider: "any",
		all:      []string{"barracuda"},
		entry: entry{
			id:      "generic/blocklist-barracuda",
			title:   "the sending address is on Barracuda's list",
			meaning: "The recipient has a Barracuda filter or asks its list, and the address has a poor report there.",
			causes:  []string{"Spam or a virus behind the address."},
			fixes:   []Fix{{IT, "Look the address up at barracudacentral.org and ask for removal there; it takes about a day."}},
			retry:   RetryChange,
			sources: []string{"Barracuda Central, removal request"},
			see:     []string{"generic/blocklist"},
		},
	},
	{
		provider: "any",
		any:      []string{"spamcop"},
		entry: entry{
			id:      "generic/blocklist-spamcop",
			title:   "the sending address is on SpamCop's list",
			meaning: "SpamCop lists addresses from which its users or traps got spam in the last day.",
			causes:  []string{"An alarm sent to wrong addresses, or spam from another computer behind the address."},
			fixes:   []Fix{{IT, "Stop the cause: a listing ends by itself a day after the last report."}},
			retry:   RetryLater,
			sources: []string{"SpamCop, blocking list"},
			see:     []string{"generic/blocklist"},
		},
	},
	{
		provider: "any",
		any:      []string{"sorbs"},
		entry: entry{
			id:      "generic/blocklist-sorbs",
			title:   "the server asks SORBS, a list that is closed",
			meaning: "The server names SORBS as the list that has the address. SORBS was shut down in June 2024, so a server that still asks it works with dead data.",
			causes:  []string{"The recipient's server hasn't been looked after since 2024."},
			fixes: []Fix{
				{Provider, "The recipient's admin has to take dnsbl.sorbs.net out of the settings."},
				{IT, "Send through another upstream to that recipient until then."},
			},
			retry:   RetryChange,
			sources: []string{"SORBS closure notice, June 2024"},
			see:     []string{"generic/blocklist"},
		},
	},
	{
		provider: "any",
		any:      []string{"uceprotect", "backscatterer"},
		entry: entry{
			id:      "generic/blocklist-uceprotect",
			title:   "the sending network is on UCEPROTECT",
			meaning: "UCEPROTECT lists whole networks and providers, so the address itself may have done nothing.",
			causes:  []string{"Neighbours in the provider's network send spam."},
			fixes: []Fix{
				{IT, "Look at which level the listing is; levels 2 and 3 only the provider can change. Don't pay for removal: it ends by itself."},
				{Provider, "The internet provider has to deal with its spammers."},
			},
			retry:   RetryLater,
			sources: []string{"UCEPROTECT web pages"},
			see:     []string{"generic/blocklist"},
		},
	},
	{
		provider: "any",
		any: []string{
			"dynamic ip", "dynamic address", "dialup", "dial-up", "generic ptr", "generic rdns", "residential ip",
			"use your isp", "smtp server of your isp",
		},
		entry: entry{
			id:      "generic/dynamic-address",
			title:   "the server takes no mail from dial-up addresses",
			meaning: "The public address looks like one of a home, mobile or dial-up line, and mail servers have fixed ones.",
			causes:  []string{"The plant's line has a changing address, or a fixed one whose reverse DNS still looks generic."},
			fixes: []Fix{
				{IT, "Send through the internet provider's relay or the company's mail provider, with a login."},
				{Provider, "Ask the provider for a fixed address with a reverse DNS name of your own."},
			},
			retry:   RetryChange,
			sources: []string{"guide to SMTP and device error codes", "sisimai, reason Blocked"},
			see:     []string{"generic/reverse-dns", "generic/blocklist"},
		},
	},
	{
		provider: "any",
		any: []string{
			"blocked using", "blacklisted", "blocklisted", "on a blacklist", "on our blacklist", "on a blocklist",
			"block list", "black list", "blacklist", "dnsbl", "an rbl", "in rbl", "(rbl)", "rbl:", "is listed at",
			"is listed in", "is listed on", "blocked by trend micro", "in dns blacklist", "spam source", "abusive host",
			"abuseat.org", "psbl", "mailspike", "manitu", "spfbl", "poor ip reputation", "bad reputation",
			"low reputation", "poor reputation",
		},
		entry: entry{
			id:      "generic/blocklist",
			title:   "the sending address is on a block list",
			meaning: "The server asked a list of known senders of spam about the public address, and it is on it.",
			causes: []string{
				"A computer behind the same address sends spam or has a virus.",
				"A neighbour in the provider's network, or whoever had the address before.",
			},
			fixes: []Fix{
				{IT, "The answer names the list, mostly with a link: read the reason there, clear it, ask for removal. Several lists at once can be asked at multirbl.valli.org."},
				{IT, "Send through a relay with a good name meanwhile."},
				{Provider, "If it's the provider's own relay that is listed, the provider has to act."},
			},
			retry:   RetryChange,
			sources: []string{"RFC 5782", "sisimai, reason Blocked"},
			see:     []string{"generic/blocklist-spamhaus", "generic/dynamic-address", "enhanced/7.1"},
		},
	},
	{
		provider: "any",
		any: []string{
			"reverse dns", "rdns", "ptr record", "ptr lookup", "no ptr", "reverse lookup", "reverse hostname",
			"reverse mapping", "unresolvable relay host", "no hostname for", "ip name lookup failed",
		},
		entry: entry{
			id:      "generic/reverse-dns",
			title:   "the sending address has no proper name in reverse DNS",
			meaning: "The server wants the client's address to have a name (a PTR record) that leads back to the address, and it doesn't.",
			causes: []string{
				"The line's provider has set none, or a generic one.",
				"Inside a company: the plant's addresses aren't in the reverse zone of its DNS.",
			},
			fixes: []Fix{
				{Provider, "Whoever owns the address, mostly the internet provider, sets its PTR record."},
				{IT, "For plant addresses, add them to the company's reverse zone; else send through a relay."},
			},
			retry:   RetryChange,
			sources: []string{"RFC 1912 section 2.1", "RFC 7372"},
			see:     []string{"postfix/client-no-name", "enhanced/7.25"},
		},
	},
	{
		provider: "any",
		any:      []string{"sender address has null mx", "sender has null mx", "sender domain has null mx"},
		entry: entry{
			id:      "generic/null-mx-sender",
			title:   "the sender's domain says that it takes no mail",
			meaning: "The server refuses senders to whom it couldn't send a bounce, and the sender's domain says by DNS that it takes no mail.",
			causes:  []string{"The device's sender is in a domain that is for web pages only."},
			fixes:   []Fix{{Controls, "Take a sender in a domain with mail, with a mailbox that somebody reads."}},
			retry:   RetryChange,
			sources: []string{"RFC 7505 section 4.2"},
			see:     []string{"enhanced/7.27"},
		},
	},
	{
		provider: "any",
		any:      []string{"recipient has null mx", "address has null mx", "null mx", "nullmx", "does not accept mail"},
		entry: entry{
			id:      "generic/null-mx",
			title:   "the recipient's domain says that it takes no mail",
			meaning: "The domain of the address has published, by an MX record of a single dot or by its server's first words, that it receives no mail at all.",
			causes: []string{
				"The domain is meant for web pages only; the address is wrong.",
				"In 521: you have reached a server that isn't a mail server for the outside.",
			},
			fixes: []Fix{
				{Operator, "Ask for the person's address under another domain."},
				{IT, "If it's your own domain, put a proper MX record in the place of the dot."},
			},
			retry:   RetryChange,
			sources: []string{"RFC 7505", "RFC 7504", "list of ESMTP status codes, 2002"},
			see:     []string{"enhanced/1.10", "basic/556", "basic/521"},
		},
	},
	{
		provider: "any",
		any:      []string{"dmarc"},
		entry: entry{
			id:      "generic/dmarc",
			title:   "the mail fails the sender's DMARC policy",
			meaning: "The domain in the From line asks receivers to refuse mail that neither SPF nor DKIM ties to that domain, and this mail is tied to none.",
			causes: []string{
				"A device or service sends in the company's name by a server that the company hasn't authorised.",
				"A list or a forwarder changed the mail on the way.",
			},
			fixes: []Fix{
				{IT, "Send by the company's own provider, or have the relay sign with DKIM for the From domain."},
				{Controls, "Use a From address in a domain that the relay serves."},
			},
			retry:   RetryChange,
			sources: []string{"RFC 7489", "RFC 7372"},
			see:     []string{"enhanced/7.26", "generic/spf", "generic/dkim"},
		},
	},
	{
		provider: "any",
		any: []string{
			"spf temperror", "spf permerror", "spf error", "spf lookup", "bad spf records", "multiple spf records",
			"too many dns lookups", "spf-result=permerror",
		},
		entry: entry{
			id:      "generic/spf-dns",
			title:   "SPF couldn't be worked out",
			meaning: "The server tried to read the sender domain's SPF record and failed: the record has a mistake, or DNS didn't answer.",
			causes:  []string{"Two SPF records, a typing error, or over ten look-ups in it."},
			fixes:   []Fix{{IT, "Have the record checked by an SPF tester and put right."}},
			retry:   RetryChange,
			sources: []string{"RFC 7208", "RFC 7372"},
			see:     []string{"enhanced/7.24", "generic/spf"},
		},
	},
	{
		provider: "any",
		any: []string{
			"spf", "sender policy framework", "not permitted to send mail from", "not designated as permitted sender",
			"not allowed to send mail from", "is not permitted by the domain owner",
		},
		entry: entry{
			id:      "generic/spf",
			title:   "SPF says that this server may not send for the domain",
			meaning: "The sender's domain publishes which servers may send for it, and the server that sent isn't one of them.",
			causes: []string{
				"The plant's relay or the device sends straight out, past the company's provider.",
				"A new provider or fallback isn't in the record.",
				"The mail was forwarded.",
			},
			fixes: []Fix{
				{IT, "Add the server to the SPF record of the sender's domain, or send by one that is in it."},
				{Controls, "Set the sender to a domain that the relay in use serves."},
			},
			retry:   RetryChange,
			sources: []string{"RFC 7208", "RFC 7372"},
			see:     []string{"enhanced/7.23", "generic/dmarc"},
		},
	},
	{
		provider: "any",
		any:      []string{"dkim"},
		entry: entry{
			id:      "generic/dkim",
			title:   "the mail's DKIM signature is missing or broken",
			meaning: "The server wants a signature that proves the sender's domain, and there is none that passes.",
			causes: []string{
				"The relay doesn't sign for the domain.",
				"Something changed the mail after it was signed, such as a disclaimer.",
				"The key in DNS is gone or old.",
			},
			fixes:   []Fix{{IT, "Set up signing at the last server that changes the mail, and publish its key."}},
			retry:   RetryChange,
			sources: []string{"RFC 6376", "RFC 7372"},
			see:     []string{"enhanced/7.20", "generic/dmarc"},
		},
	},
	{
		provider: "any",
		any: []string{
			"pop-authenticated", "pop before smtp", "pop3 before", "check your mail first", "check mail before",
			"fetch your mail", "login via pop",
		},
		entry: entry{
			id:      "generic/pop-before-smtp",
			title:   "the server wants you to fetch mail first",
			meaning: "An old way: this server lets an address send for some minutes after somebody from there has fetched mail by POP3.",
			causes:  []string{"The device only sends and never fetches."},
			fixes: []Fix{
				{IT, "Ask whether the server takes a proper SMTP login, most do by now, and use that."},
				{Provider, "If it doesn't, the provider can name another outgoing server."},
			},
			retry:   RetryChange,
			sources: []string{"list of ESMTP status codes, 2002"},
			see:     []string{"generic/authentication-required", "basic/521"},
		},
	},
	{
		provider: "any",
		any: []string{
			"relaying denied", "relay denied", "relaying not allowed", "relay not allowed", "relaying mail to",
			"relaying prohibited", "relaying is prohibited", "relay not authorized", "relay not authorised",
			"relay request denied", "relaying is not allowed", "relay is not allowed", "not a gateway", "not local host",
			"does not relay", "do not relay", "not an open relay", "not configured to relay", "relay rejected",
			"relaying rejected", "insecure mail relay", "when attempting to send to a non-local", "cannot relay",
			"can't relay", "allowed to relay", "as a relay", "no relaying", "open relay", "relay operation rejected",
			"authorized to relay", "authorised to relay", "relay forbidden", "relaying to", "relay access",
		},
		entry: entry{
			id:      "generic/relaying-denied",
			title:   "the server won't pass the mail on",
			meaning: "The recipient isn't at this server, so it would have to send the mail on for you, and it does that only for clients that it knows or that have logged in. Otherwise anybody could send spam by it.",
			causes: []string{
				"The device's address isn't on the server's list of trusted clients, or has changed.",
				"The device can log in and didn't, or its login isn't used on this port.",
				"The recipient's domain is misspelt, or this is the wrong server for it.",
				"The plant's line is another provider's than the server's.",
			},
			fixes: []Fix{
				{IT, "Put the device's address on the server's list of trusted clients, as narrow as can be."},
				{IT, "If the server takes nobody without a login, put a relay in the plant between that logs in: an ECOM100 can't."},
				{Controls, "Check server and port in the device's e-mail set-up; on a device that can log in, switch that on with port 587."},
				{Operator, "Check the recipient's domain for a typing error."},
			},
			retry:   RetryChange,
			sources: []string{"list of ESMTP status codes, 2002", "guide to SMTP and device error codes", "RFC 5321 section 7.8"},
			see:     []string{"postfix/relay-access-denied", "exchange/unable-to-relay", "exim/relay-not-permitted", "basic/550", "enhanced/7.1"},
		},
	},
}
