package reply

import "slices"

// otherRules is what other services and servers say, each by words of its own.
var otherRules = slices.Concat(mailboxRules, serviceRules, postfixRules, serverRules)

// mailboxRules is what the gateways from mail to text and the providers of mailboxes say.
var mailboxRules = []textRule{
	{
		provider:  "AT&T",
		any:       []string{"txt.att.net", "mms.att.net"},
		addresses: true,
		none: []string{
			"relay access denied", "relaying denied", "relay not permitted", "unable to relay",
			"authentication required", "starttls",
		},
		entry: entry{
			id:      "generic/text-gateway-att",
			title:   "the AT&T mail-to-text gateway is closed",
			meaning: "The address turns mail into a text message on an AT&T phone. AT&T has announced that it closes this gateway on 17 June 2025.",
			causes: []string{
				"The gateway is being wound down and takes less and less.",
				"The number isn't, or is no longer, with AT&T.",
			},
			fixes: []Fix{
				{IT, "Move the alarm to a text message service with an interface of its own, or to a GSM modem, before the gateway closes."},
				{Controls, "Name a mail address beside the telephone number, so that the alarm reaches somebody."},
			},
			retry:   RetryNo,
			sources: []string{"the project's own notes, calendar of dated facts", "ourcodeworld.com, Verizon vtext shutdown"},
			see:     []string{"generic/text-gateway-verizon", "generic/text-gateway-tmobile"},
			later: []dated{
				{
					from:    "2025-06-17",
					meaning: "The address turned mail into a text message on an AT&T phone. AT&T closed this gateway on 17 June 2025, so nothing sent to it arrives any more, whatever code comes back.",
					causes: []string{
						"The gateway is gone; the number itself may be right.",
						"The recipient list is older than June 2025.",
					},
					fixes: []Fix{
						{IT, "Set up a paid text message service or a GSM modem as a second route for alarms."},
						{Controls, "Take every address at txt.att.net and mms.att.net out of the controllers, and out of the mail server's aliases."},
					},
				},
			},
		},
	},
	{
		provider:  "Verizon",
		any:       []string{"vtext.com", "vzwpix.com"},
		addresses: true,
		none: []string{
			"relay access denied", "relaying denied", "relay not permitted", "unable to relay",
			"authentication required", "starttls",
		},
		entry: entry{
			id:      "generic/text-gateway-verizon",
			title:   "the Verizon mail-to-text gateway",
			meaning: "The address turns mail into a text message on a Verizon phone. By one published account the gateway closes on 31 March 2027, and it already loses messages.",
			causes: []string{
				"The gateway takes fewer senders than before and drops what looks like bulk.",
				"The number has changed its carrier.",
			},
			fixes: []Fix{
				{IT, "Plan the move of alarms to a text message service or GSM modem, and test the present way each week."},
				{Controls, "Add a mail address beside the telephone number for alarms that matter."},
			},
			retry:   RetryChange,
			sources: []string{"ourcodeworld.com, Verizon vtext shutdown", "the project's own notes, calendar of dated facts"},
			see:     []string{"generic/text-gateway-att"},
			later: []dated{
				{
					from:    "2027-04-01",
					meaning: "The address turned mail into a text message on a Verizon phone. By a published account Verizon was to close this gateway on 31 March 2027; take it for closed unless a test today shows that a text still arrives.",
					causes: []string{
						"The gateway has been closed.",
						"It still runs in part and refused this sender.",
					},
					fixes: []Fix{
						{IT, "Route alarm texts through a paid text message service or a GSM modem."},
						{Controls, "Take vtext.com and vzwpix.com addresses out of the alarm lists once the new route is tested."},
					},
				},
			},
		},
	},
	{
		provider:  "T-Mobile",
		any:       []string{"tmomail.net", "messaging.sprintpcs.com", "pm.sprint.com"},
		addresses: true,
		none: []string{
			"relay access denied", "relaying denied", "relay not permitted", "unable to relay",
			"authentication required", "starttls",
		},
		entry: entry{
			id:      "generic/text-gateway-tmobile",
			title:   "the T-Mobile mail-to-text gateway",
			meaning: "The address turns mail into a text message on a T-Mobile or Sprint phone. The carrier lets this gateway run down, and by published accounts it stops late in 2024.",
			causes: []string{
				"The carrier filters hard what machines send, and drops it as bulk.",
				"The phone number is wrong, or has gone to another carrier.",
			},
			fixes: []Fix{
				{IT, "Plan its replacement by a paid text message service or a GSM modem before the end of 2024."},
				{Operator, "Check the number with its owner, and have a second way for alarms that must arrive."},
			},
			retry:   RetryNo,
			sources: []string{"ourcodeworld.com, Verizon vtext shutdown", "the project's own notes, calendar of dated facts"},
			see:     []string{"generic/text-gateway-att", "generic/text-gateway-verizon"},
			later: []dated{
				{
					from:    "2025-01-01",
					meaning: "The address turned mail into a text message on a T-Mobile or Sprint phone. Late in 2024 that gateway stopped delivering, mostly without a word; where it answers at all it refuses.",
					causes:  []string{"The carrier has given the service up."},
					fixes: []Fix{
						{IT, "Replace it by a paid text message service or a GSM modem."},
						{Controls, "Go through the alarm lists for tmomail.net and the old Sprint names and take them out."},
					},
				},
			},
		},
	},
	{
		provider: "Yahoo, AOL",
		any: []string{
			"temporarily deferred due to unexpected volume", "temporarily deferred due to user complaints", "[tss04]",
			"[ts02]", "[ts01]",
		},
		entry: entry{
			id:      "yahoo/deferred",
			title:   "Yahoo holds mail from this address back for now",
			meaning: "Yahoo, or AOL, sees more mail than it is used to from this address, or its users have complained, and puts the mail off.",
			causes: []string{
				"A burst of alarms from an address that is usually quiet.",
				"The sender's domain lacks SPF, DKIM or DMARC.",
			},
			fixes: []Fix{
				{IT, "Let the queue wait some hours; set up SPF and DKIM for the domain."},
				{Controls, "Slow the flood down in the ladder."},
			},
			retry:   RetryLater,
			sources: []string{"Yahoo Sender Hub, SMTP error codes", "sisimai, Yahoo table"},
			see:     []string{"yahoo/permanently-deferred"},
		},
	},
	{
		provider: "Yahoo, AOL",
		all:      []string{"permanently deferred"},
		entry: entry{
			id:      "yahoo/permanently-deferred",
			title:   "Yahoo refuses all mail from this address",
			meaning: "For Yahoo and AOL this address is a spammer's; its answer says itself that trying again won't help.",
			causes:  []string{"Spam from this public address, perhaps from another device behind it."},
			fixes: []Fix{
				{IT, "Find the source behind the address, then ask Yahoo by the form of its Sender Hub to look again."},
				{IT, "Send through another upstream meanwhile."},
			},
			retry:   RetryChange,
			sources: []string{"Yahoo Sender Hub, SMTP error codes"},
			see:     []string{"yahoo/deferred"},
		},
	},
	{
		provider: "Yahoo, AOL",
		all:      []string{"yahoo requires all senders to authenticate"},
		entry: entry{
			id:      "yahoo/unauthenticated",
			title:   "Yahoo wants SPF or DKIM",
			meaning: "Yahoo takes no mail without proof of its origin any more, and neither SPF nor DKIM passed.",
			causes:  []string{"The sending server isn't in the domain's SPF record and doesn't sign."},
			fixes:   []Fix{{IT, "Set up SPF and DKIM for the sender's domain at the server that sends."}},
			retry:   RetryChange,
			sources: []string{"Yahoo Sender Hub, SMTP error codes"},
			see:     []string{"gmail/unauthenticated", "generic/spf"},
		},
	},
	{
		provider: "Yahoo, AOL",
		any:      []string{"not accepted for policy reasons", "[ph01]"},
		entry: entry{
			id:      "yahoo/policy",
			title:   "Yahoo's rules refuse this mail",
			meaning: "Yahoo refuses the mail for what is in it or for its sender's domain, and doesn't say which rule it was.",
			causes: []string{
				"A link or attachment that looks like a trap.",
				"The domain's DMARC policy says refuse.",
			},
			fixes: []Fix{
				{Controls, "Send the bare alarm text without links and see whether that goes through."},
				{IT, "Check DMARC for the sender's domain with a tester."},
			},
			retry:   RetryChange,
			sources: []string{"Yahoo Sender Hub, SMTP error codes"},
			see:     []string{"generic/spam"},
		},
	},
	{
		provider: "Yahoo, AOL",
		any:      []string{"[bl21]", "[bl23]", "not accepted from ip addresses on spamhaus"},
		entry: entry{
			id:      "yahoo/ip-listed",
			title:   "Yahoo refuses addresses on Spamhaus lists",
			meaning: "Yahoo asks Spamhaus about the sending address, and it is listed there.",
			causes:  []string{"The address is listed for spam, for a virus, or as one of a home line."},
			fixes:   []Fix{{IT, "Look the address up at check.spamhaus.org, clear the cause and ask there for removal."}},
			retry:   RetryChange,
			sources: []string{"Yahoo Sender Hub, SMTP error codes", "sisimai, Yahoo table"},
			see:     []string{"generic/blocklist-spamhaus"},
		},
	},
	{
		provider: "Yahoo, AOL",
		any:      []string{"doesn't have a yahoo.", "dd requested mail action", "delivery error: dd"},
		entry: entry{
			id:      "yahoo/no-account",
			title:   "no such Yahoo or AOL account",
			meaning: "Yahoo has no working account with that address.",
			causes:  []string{"A typing error, or an account that Yahoo removed for lack of use."},
			fixes: []Fix{
				{Operator, "Ask the person for the address that they use today."},
				{Controls, "Take the old address off the alarm list."},
			},
			retry:   RetryChange,
			sources: []string{"sisimai, Yahoo table"},
			see:     []string{"generic/user-unknown"},
		},
	},
	{
		provider: "Yahoo, AOL",
		any:      []string{"(#auth0", "(#mbr1"},
		entry: entry{
			id:      "yahoo/login",
			title:   "Yahoo refused the login",
			meaning: "Yahoo takes no normal password over SMTP; it wants an app password, or OAuth.",
			causes: []string{
				"The device was set up with the password that one types on Yahoo's web page.",
				"It tried so often that Yahoo locks it out for a while.",
			},
			fixes: []Fix{
				{IT, "Make an app password in Yahoo's account security page and enter it where the login is made: at the relay or in a device that logs in."},
				{Controls, "Stop the device's attempts for an hour first."},
			},
			retry:   RetryChange,
			sources: []string{"GitHub PHPMailer issue 2034", "GitHub nedimf/maildroid issue 17"},
			see:     []string{"basic/535", "gmail/app-password"},
		},
	},
	{
		provider: "Yahoo, AT&T",
		all:      []string{"from: address not verified"},
		entry: entry{
			id:      "yahoo/from-not-verified",
			title:   "the sender address isn't set up in the account",
			meaning: "Yahoo, which also runs mail for AT&T, sends only for addresses that have been confirmed in the account.",
			causes:  []string{"The device's sender address differs from the account."},
			fixes: []Fix{
				{IT, "Add and confirm the address in the account's mail settings."},
				{Controls, "Or set the sender address to the account's own."},
			},
			retry:   RetryChange,
			sources: []string{"AT&T support pages"},
			see:     []string{"m365/send-as-denied"},
		},
	},
	{
		provider: "Yahoo, AOL",
		all:      []string{"resources temporarily not available"},
		entry: entry{
			id:      "yahoo/resources",
			title:   "Yahoo is short of resources or of patience",
			meaning: "Yahoo's server closes for a moment, because it is busy or because it wants to see whether the sender comes back.",
			causes:  []string{"Load at Yahoo, or mild suspicion."},
			fixes:   []Fix{{IT, "Leave it in the queue; it mostly goes through at the second or third try."}},
			retry:   RetryLater,
			sources: []string{"Yahoo Sender Hub, SMTP error codes"},
			see:     []string{"generic/greylisting"},
		},
	},
	{
		provider: "Yahoo, AOL",
		all:      []string{"unresolvable rfc.5321 from domain"},
		entry: entry{
			id:      "yahoo/from-domain-unresolvable",
			title:   "Yahoo can't find the sender's domain",
			meaning: "Yahoo looked for the domain of the envelope sender in DNS and found nothing that takes mail.",
			causes:  []string{"The sender is made up, such as plc@plant.local."},
			fixes: []Fix{
				{Controls, "Set the sender to a real address of the company."},
				{IT, "Have a relay in the plant rewrite senders in domains that don't exist."},
			},
			retry:   RetryChange,
			sources: []string{"Yahoo Sender Hub, SMTP error codes"},
			see:     []string{"generic/sender-domain"},
		},
	},
	{
		provider: "Yahoo, AOL",
		all:      []string{"(dns:nr)"},
		entry: entry{
			id:      "aol/no-reverse-dns",
			title:   "AOL wants reverse DNS",
			meaning: "AOL's older servers take no mail from an address without a name in reverse DNS.",
			causes:  []string{"The line has no PTR record."},
			fixes: []Fix{
				{Provider, "The internet provider has to set a PTR record for the public address."},
				{IT, "Send through a relay that has one."},
			},
			retry:   RetryChange,
			sources: []string{"AOL postmaster pages"},
			see:     []string{"generic/reverse-dns"},
		},
	},
	{
		provider: "Apple iCloud",
		any:      []string{"[cs01]", "[cs02]"},
		entry: entry{
			id:      "icloud/local-policy",
			title:   "Apple's filter refused the mail",
			meaning: "Apple's spam filter refuses mail with this content or from this sender; Apple doesn't tell which.",
			causes: []string{
				"Links in the text, or a sender with little history.",
				"The relay's address is shared with spammers.",
			},
			fixes: []Fix{
				{Controls, "Send plain text without links."},
				{IT, "Check SPF, DKIM and block lists, then write to Apple's postmaster with the bounce."},
			},
			retry:   RetryChange,
			sources: []string{"Apple support article 102322", "sisimai, Apple table"},
			see:     []string{"generic/spam"},
		},
	},
	{
		provider: "Apple iCloud",
		any:      []string{"[hme1]", "for failing both spf and dkim"},
		entry: entry{
			id:      "icloud/unauthenticated",
			title:   "Apple refused a mail that fails SPF and DKIM",
			meaning: "Apple found neither a passing SPF nor a passing DKIM and blocks the mail.",
			causes:  []string{"The mail went out past the domain's own mail provider."},
			fixes:   []Fix{{IT, "Let the relay sign for the domain and stand in its SPF record."}},
			retry:   RetryChange,
			sources: []string{"Apple support article 102322"},
			see:     []string{"generic/spf", "generic/dkim"},
		},
	},
	{
		provider: "Apple iCloud",
		all:      []string{"deferred due to excessive volume"},
		entry: entry{
			id:      "icloud/volume",
			title:   "one iCloud user gets too much mail at once",
			meaning: "Apple slows down mail to this one mailbox.",
			causes:  []string{"An alarm flood to a single iCloud address."},
			fixes: []Fix{
				{Controls, "Merge repeats, or lengthen the alarm's delay."},
				{IT, "Let the queue go on; Apple takes the rest later."},
			},
			retry:   RetryLater,
			sources: []string{"Apple support article 102322", "sisimai, Apple table"},
			see:     []string{"gmail/receiving-too-fast"},
		},
	},
	{
		provider: "Apple iCloud",
		all:      []string{"from address is not one of your addresses"},
		entry: entry{
			id:      "icloud/from-not-yours",
			title:   "the sender isn't one of the account's addresses",
			meaning: "Apple's outgoing server sends only for the addresses and aliases of the account that logged in.",
			causes:  []string{"The controller has another sender address than the account."},
			fixes:   []Fix{{Controls, "Set the sender address to the iCloud address itself."}},
			retry:   RetryChange,
			sources: []string{"Apple support communities"},
			see:     []string{"m365/send-as-denied"},
		},
	},
	{
		provider: "Apple iCloud",
		any:      []string{"inactive email address", "unknown or illegal alias", "recipient no longer on server"},
		entry: entry{
			id:      "icloud/inactive",
			title:   "the iCloud address is inactive or unknown",
			meaning: "Apple knows no working mailbox or alias of this name.",
			causes:  []string{"The user has switched the alias off, or moved away from iCloud."},
			fixes: []Fix{
				{Operator, "Ask for the person's present address."},
				{Controls, "Drop the address from the alarm list."},
			},
			retry:   RetryChange,
			sources: []string{"sisimai, Apple table"},
			see:     []string{"generic/user-unknown"},
		},
	},
	{
		provider: "GMX, web.de, IONOS",
		all:      []string{"bad dns ptr resource record"},
		entry: entry{
			id:      "gmx/no-reverse-dns",
			title:   "GMX finds no proper reverse DNS",
			meaning: "GMX, web.de and IONOS take mail only from addresses whose reverse DNS gives a real server name, not a name that a dial-up line gets.",
			causes:  []string{"The server stands on a line with a changing or generic name."},
			fixes: []Fix{
				{Provider, "Ask the internet provider for a fixed address with a PTR record of your own."},
				{IT, "Send through the account's own relay, such as mail.gmx.net with a login."},
			},
			retry:   RetryChange,
			sources: []string{"GMX postmaster pages, error messages"},
			see:     []string{"generic/reverse-dns"},
		},
	},
	{
		provider: "GMX, web.de, IONOS",
		any:      []string{"ip address is block listed", "ip address is black listed", "nemesis esmtp service not available"},
		entry: entry{
			id:      "gmx/ip-listed",
			title:   "GMX blocks the sending address",
			meaning: "GMX, web.de or IONOS doesn't speak to this address: it is on a block list of theirs or one that they use.",
			causes:  []string{"Spam came from the address, or it is a dial-up line's."},
			fixes: []Fix{
				{IT, "Open the link in the answer: it names the list and leads to the form for removal."},
				{IT, "Send through a relay with a login until then."},
			},
			retry:   RetryChange,
			sources: []string{"GMX postmaster pages, error messages"},
			see:     []string{"generic/blocklist"},
		},
	},
	{
		provider: "GMX, web.de, IONOS",
		any:      []string{"reject due to spf policy"},
		entry: entry{
			id:      "gmx/spf",
			title:   "GMX refused it by SPF",
			meaning: "The sender's domain doesn't list the server that the mail came from, and GMX goes by that.",
			causes: []string{
				"The device uses a company address but another provider's relay.",
				"The mail was forwarded, and the forwarder kept the old sender.",
			},
			fixes:   []Fix{{IT, "Put the server into the SPF record, or send by the server that is in it."}},
			retry:   RetryChange,
			sources: []string{"GMX postmaster pages, error messages", "smtp.codes"},
			see:     []string{"generic/spf"},
		},
	},
	{
		provider: "GMX, web.de, IONOS",
		any:      []string{"reject due to policy", "rejected due to policy restrictions"},
		entry: entry{
			id:      "gmx/policy",
			title:   "GMX's rules refuse this mail",
			meaning: "GMX, web.de or IONOS refuses by its rules: bad headers, too many wrong recipients, a changing HELO name or a forbidden attachment.",
			causes: []string{
				"Header lines of the mail break the rules; From or Date is missing or doubled.",
				"The server wrote to many addresses that don't exist.",
			},
			fixes: []Fix{
				{IT, "Open the link in the answer, if there is one, for the rule that applied; then let a relay in the plant put the headers right."},
				{Controls, "Clear the recipient list of old addresses."},
			},
			retry:   RetryChange,
			sources: []string{"GMX postmaster pages, error messages", "IONOS help, SMTP error messages"},
			see:     []string{"generic/rfc5322"},
		},
	},
	{
		provider:  "T-Online",
		any:       []string{"rx.t-online.de", "none/bad reputation"},
		addresses: true,
		entry: entry{
			id:      "tonline/unknown-sender",
			title:   "T-Online doesn't know the sending server",
			meaning: "T-Online (Deutsche Telekom) takes mail only from servers that it has seen before or whose owner has written to it.",
			causes:  []string{"A new server, or one that hasn't sent there for a year."},
			fixes: []Fix{
				{IT, "Write to the address in the answer with the server's name, address and a web page that says who runs it."},
				{IT, "Quicker: send through a large provider's relay."},
			},
			retry:   RetryChange,
			sources: []string{"timmehosting.de guide", "spamresource.com, June 2020"},
			see:     []string{"generic/blocklist"},
		},
	},
}
