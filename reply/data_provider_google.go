package reply

import "slices"

// googleRules is what Gmail and Google Workspace say.
var googleRules = slices.Concat(googleLoginRules, googleMailRules)

// googleLoginRules is how Google answers logins and asks for proof of the sender.
var googleLoginRules = []textRule{
	{
		provider: "Gmail",
		any:      []string{"application-specific password required"},
		entry: entry{
			id:      "gmail/app-password",
			title:   "Google wants an app password or OAuth",
			meaning: "The account has two-step verification, so its normal password isn't taken over SMTP. Google ended logins by the normal password for personal accounts on 30 May 2022 and is ending them for Workspace accounts in steps.",
			causes: []string{
				"The device has the account's normal password.",
				"The app password was deleted, as happens when the account's password changes.",
			},
			fixes: []Fix{
				{IT, "Sign in to the account in a browser, make an app password of 16 letters, and give that to the relay or device that logs in."},
				{Controls, "An ECOM100 can't log in, so no app password helps it: let it send to a relay in the plant that logs in to Google. On a device that can, type the 16 letters without blanks."},
				{IT, "Or use OAuth, or the SMTP relay of Google Workspace, which knows the plant by its address."},
			},
			retry:   RetryChange,
			sources: []string{"Google Account Help, sign in with app passwords", "the project's own notes, calendar of dated facts"},
			see:     []string{"gmail/bad-credentials", "basic/534"},
			later: []dated{
				{
					from:    "2025-05-01",
					meaning: "The account has two-step verification, so its normal password isn't taken over SMTP. Logins by the normal password ended for personal accounts on 30 May 2022, and for Google Workspace in steps up to spring 2025; app passwords still work.",
					causes: []string{
						"The device was given the normal password, which Google takes from nobody any more.",
						"The app password is gone: Google withdraws them all when the account's password changes.",
					},
					fixes: []Fix{
						{IT, "Make a new app password in the account's security settings, under two-step verification, and enter it at the relay that logs in."},
						{Controls, "Where an HMI or a printer logs in, see that its password field takes all 16 letters; an ECOM100 has no such field and needs a relay between."},
						{IT, "In Google Workspace, the SMTP relay service with the plant's public address needs no password at all."},
					},
				},
			},
		},
	},
	{
		provider: "Gmail",
		any:      []string{"please log in with your web browser", "please log in through your web browser", "continue?sarp="},
		entry: entry{
			id:      "gmail/web-login",
			title:   "Google wants a person to sign in by browser first",
			meaning: "Google finds this login strange and wants somebody to sign in by browser and say that it was all right.",
			causes: []string{
				"The login comes from a new place or a new public address.",
				"The account has been unused for a long time.",
			},
			fixes: []Fix{
				{IT, "Sign in to the account in a browser from the plant's network, confirm the activity, and try again within ten minutes."},
				{IT, "If it comes back often, use the Workspace SMTP relay or OAuth, which don't ask."},
			},
			retry:   RetryChange,
			sources: []string{"Google Workspace Admin Help, Gmail SMTP errors and codes"},
			see:     []string{"gmail/app-password", "basic/534"},
		},
	},
	{
		provider: "Gmail",
		any:      []string{"username and password not accepted", "badcredentials"},
		entry: entry{
			id:      "gmail/bad-credentials",
			title:   "Google doesn't accept user name and password",
			meaning: "Google refused the login. Since it ended plain passwords for personal accounts on 30 May 2022, a normal password gets this answer even where it is right; Workspace accounts are following.",
			causes: []string{
				"The device has the account's normal password and not an app password.",
				"The user name isn't the full address.",
				"An app password was mistyped, or deleted.",
			},
			fixes: []Fix{
				{IT, "Switch on two-step verification for the account, make an app password and use that."},
				{Controls, "Check the user name: the whole address with the @ sign."},
			},
			retry:   RetryChange,
			sources: []string{"Google Workspace Admin Help, Gmail SMTP errors and codes", "the project's own notes, calendar of dated facts"},
			see:     []string{"gmail/app-password", "basic/535", "enhanced/7.8"},
			later: []dated{
				{
					from:    "2025-05-01",
					meaning: "Google refused the login. A normal account password gets this answer always: plain passwords ended for personal accounts on 30 May 2022 and for Workspace by spring 2025. Only app passwords and OAuth are left.",
					causes: []string{
						"What the device has is a normal password, or an app password that has been withdrawn.",
						"The user name lacks its domain.",
						"Two-step verification was switched off, which ends all app passwords.",
					},
					fixes: []Fix{
						{IT, "See that two-step verification is on, make a fresh app password, and store it in one relay and not in each device."},
						{Controls, "Compare the user name in the set-up with the account's full address."},
					},
				},
			},
		},
	},
	{
		provider: "Gmail",
		all:      []string{"too many login attempts"},
		entry: entry{
			id:      "gmail/too-many-logins",
			title:   "too many login attempts at Google",
			meaning: "The account was logged in to more often than Google allows for now.",
			causes: []string{
				"A device with a wrong password tries again every few seconds.",
				"Many devices share one account and each logs in for each mail.",
			},
			fixes: []Fix{
				{Controls, "Stop the device that fails, wait an hour, then mend its password before it starts again."},
				{IT, "Let all devices go through a relay in the plant, which logs in once for many mails."},
			},
			retry:   RetryLater,
			sources: []string{"Google Workspace Admin Help, Gmail SMTP errors and codes"},
			see:     []string{"basic/454"},
		},
	},
	{
		provider: "Gmail",
		all:      []string{"cannot authenticate due to"},
		entry: entry{
			id:      "gmail/auth-temporary",
			title:   "Google can't check logins just now",
			meaning: "Google's own login service has a short disturbance.",
			causes:  []string{"A fault at Google."},
			fixes: []Fix{
				{Provider, "Nothing to do on your side; Google's status page shows whether it is known."},
				{IT, "Leave the mail in the queue: it goes out by itself."},
			},
			retry:   RetryYes,
			sources: []string{"Google Workspace Admin Help, Gmail SMTP errors and codes"},
			see:     []string{"basic/454"},
		},
	},
	{
		provider: "Gmail",
		all:      []string{"authentication required"},
		any:      []string{"gsmtp", "wantautherror", "support.google.com"},
		entry: entry{
			id:      "gmail/auth-required",
			title:   "sent to Google without logging in",
			meaning: "The server smtp.gmail.com takes mail only after a login, and the client went on without one.",
			causes: []string{
				"User name and password are missing in the device's set-up.",
				"The wrong server: a device without login belongs at the Workspace relay, smtp-relay.gmail.com.",
			},
			fixes: []Fix{
				{Controls, "On an HMI or printer fill in the account and its app password, with STARTTLS on port 587; an ECOM100 needs a relay that logs in for it."},
				{IT, "Or use smtp-relay.gmail.com with the plant's public address registered in the admin console."},
			},
			retry:   RetryChange,
			sources: []string{"Google Workspace Admin Help, Gmail SMTP errors and codes"},
			see:     []string{"gmail/app-password", "basic/530"},
		},
	},
	{
		provider: "Gmail",
		all:      []string{"must issue a starttls command first"},
		any:      []string{"gsmtp", "google.com"},
		entry: entry{
			id:      "gmail/starttls-first",
			title:   "Google wants encryption before anything else",
			meaning: "Google takes a login and mail only after STARTTLS, and the client went on in plain text.",
			causes: []string{
				"The device has no TLS, or it is switched off in its set-up.",
				"The device starts TLS at once, as for port 465, or not at all, on port 587.",
			},
			fixes:   []Fix{{Controls, "Switch on STARTTLS with port 587 where the device has it; an ECOM100 hasn't, and sends to a relay in the plant that encrypts towards Google."}},
			retry:   RetryChange,
			sources: []string{"Google Workspace Admin Help, Gmail SMTP errors and codes", "RFC 3207"},
			see:     []string{"generic/starttls-required", "basic/530"},
		},
	},
	{
		provider: "Gmail",
		any:      []string{"unrecognized authentication type", "xoauth is no longer supported"},
		entry: entry{
			id:      "gmail/auth-type",
			title:   "Google doesn't know this way of logging in",
			meaning: "The client asked for a login of a kind that Google doesn't have, such as CRAM-MD5.",
			causes:  []string{"The device is set to a login kind that Google never offered."},
			fixes: []Fix{
				{Controls, "Where the device logs in by itself, choose PLAIN, LOGIN or automatic, with TLS on."},
				{IT, "Let a relay in the plant take CRAM-MD5 from the device and use OAuth or PLAIN towards Google."},
			},
			retry:   RetryChange,
			sources: []string{"Google Workspace Admin Help, Gmail SMTP errors and codes"},
			see:     []string{"exchange/auth-type", "basic/504"},
		},
	},
	{
		provider: "Gmail",
		any:      []string{"mail relay denied", "invalid credentials for relay"},
		entry: entry{
			id:      "gmail/relay-not-registered",
			title:   "the Workspace relay doesn't know this address",
			meaning: "The SMTP relay of Google Workspace knows its customers by public address or by login, and this one fits neither.",
			causes: []string{
				"The plant's public address has changed, or isn't registered.",
				"The sender's domain isn't one of the Workspace account's.",
				"HELO gives a name outside the company's domains.",
			},
			fixes: []Fix{
				{IT, "In the admin console under Gmail, Routing, SMTP relay service, enter the public address that stands in the line, or tick Require SMTP authentication and log in."},
				{Controls, "Set the HELO name and the sender address of the device to the company's domain."},
			},
			retry:   RetryChange,
			sources: []string{"Google Workspace Admin Help, SMTP relay service error messages"},
			see:     []string{"gmail/auth-required", "generic/relaying-denied"},
		},
	},
	{
		provider: "Gmail",
		all:      []string{"mail sending denied"},
		entry: entry{
			id:      "gmail/sending-denied",
			title:   "the Workspace account may not send",
			meaning: "The sender of the mail is disabled or isn't a user of the Workspace domain.",
			causes: []string{
				"The device's sender address was never made as a user or group.",
				"The account is suspended.",
			},
			fixes: []Fix{
				{IT, "Create or enable the sender in the admin console, or allow any address of the domain in the relay's settings."},
				{Controls, "Set the sender address to one that exists."},
			},
			retry:   RetryChange,
			sources: []string{"Google Workspace Admin Help, SMTP relay service error messages"},
			see:     []string{"gmail/relay-not-registered"},
		},
	},
	{
		provider: "Gmail",
		any: []string{
			"daily user sending limit exceeded", "daily user sending quota exceeded", "daily sending quota exceeded",
			"p=dailylimit",
		},
		entry: entry{
			id:      "gmail/daily-limit",
			title:   "the account has reached its daily limit at Google",
			meaning: "A Google account may send to some 500 recipients a day, a Workspace account to 2,000, and this one is through. It opens again within a day.",
			causes: []string{
				"An alarm flood or a long recipient list.",
				"Several plants share the account.",
			},
			fixes: []Fix{
				{Controls, "Find the alarm that repeats and give it a lockout time."},
				{IT, "Use the Workspace relay, which allows more, or one account for each plant."},
			},
			retry:   RetryLater,
			sources: []string{"Google Workspace Admin Help, Gmail sending limits", "Google Workspace Admin Help, Gmail SMTP errors and codes"},
			see:     []string{"enhanced/4.5", "gmail/daily-relay-limit"},
		},
	},
	{
		provider: "Gmail",
		any:      []string{"daily smtp relay limit exceeded", "daily smtp relay sending limit exceeded"},
		entry: entry{
			id:      "gmail/daily-relay-limit",
			title:   "the Workspace relay's daily limit is reached",
			meaning: "The company, or one user, has relayed as many mails through Google in the last 24 hours as its licence allows.",
			causes: []string{
				"A burst from another system that uses the same relay.",
				"A trial account, whose limit is much lower.",
			},
			fixes: []Fix{
				{IT, "See in the email log search who sent so much, and move bulk mail elsewhere."},
				{IT, "Wait; the count goes down by the hour."},
			},
			retry:   RetryLater,
			sources: []string{"Google Workspace Admin Help, SMTP relay service error messages"},
			see:     []string{"gmail/daily-limit"},
		},
	},
	{
		provider: "Gmail",
		all:      []string{"peak smtp relay limit exceeded"},
		entry: entry{
			id:      "gmail/peak-relay-limit",
			title:   "too much through the Workspace relay at once",
			meaning: "More mail came through the relay in a short time than Google allows the company.",
			causes:  []string{"A burst at the full hour, or an alarm storm."},
			fixes: []Fix{
				{IT, "Let the queue try again, at a slower pace."},
				{Controls, "Spread reports over the hour."},
			},
			retry:   RetryYes,
			sources: []string{"Google Workspace Admin Help, SMTP relay service error messages"},
			see:     []string{"gmail/daily-relay-limit"},
		},
	},
	{
		provider: "Gmail",
		all:      []string{"send email directly to our servers"},
		entry: entry{
			id:      "gmail/no-direct-mail",
			title:   "Google takes no mail straight from this address",
			meaning: "The address belongs to a line for homes or mobile phones, and Google takes mail from such lines only through the provider's server.",
			causes:  []string{"A relay or device delivers straight to Google's MX from a dial-up or mobile line."},
			fixes:   []Fix{{IT, "Send through the internet provider's relay or through smtp.gmail.com with a login."}},
			retry:   RetryChange,
			sources: []string{"Google Workspace Admin Help, Gmail SMTP errors and codes"},
			see:     []string{"generic/dynamic-address"},
		},
	},
	{
		provider: "Gmail",
		any:      []string{"spf record with a hard"},
		entry: entry{
			id:      "gmail/spf-hard-fail",
			title:   "the sender's SPF record forbids this server",
			meaning: "The sender's domain ends its SPF record with -all, so that every server not named in it is to be refused, and this one isn't named.",
			causes: []string{
				"A relay in the plant sends straight out in the company's name.",
				"The company changed its mail provider and left the SPF record.",
			},
			fixes: []Fix{
				{IT, "Add the public address in the line to the SPF record, or send through the server that the record names."},
				{Controls, "Use a sender address in a domain that this relay serves."},
			},
			retry:   RetryChange,
			sources: []string{"Google Workspace Admin Help, Gmail SMTP errors and codes"},
			see:     []string{"gmail/unauthenticated", "generic/spf"},
		},
	},
	{
		provider: "Gmail",
		any:      []string{"unauthenticated email from", "domain's dmarc policy"},
		entry: entry{
			id:      "gmail/dmarc",
			title:   "the sender's DMARC policy asks Google to refuse",
			meaning: "The domain in the From line has told the world to refuse mail that isn't proven to be its own, and this mail carries no proof that fits the domain.",
			causes: []string{
				"The device uses the company's domain but a relay that neither signs for it nor stands in its SPF.",
				"A free mail address such as one at yahoo.com is used as sender through another server.",
			},
			fixes: []Fix{
				{IT, "Send through the company's own provider, or let the relay sign with DKIM for the domain in From."},
				{Controls, "Change the sender address to a domain that the relay serves."},
			},
			retry:   RetryChange,
			sources: []string{"Google Workspace Admin Help, Gmail SMTP errors and codes"},
			see:     []string{"generic/dmarc", "enhanced/7.26"},
		},
	},
	{
		provider: "Gmail",
		any: []string{
			"gmail requires all senders to authenticate with either spf or dkim",
			"does not have authentication information or fails", "sender is unauthenticated", "mail is unauthenticated",
			"fails to pass authentication checks", "because it is unauthenticated",
		},
		none: []string{"yahoo"},
		entry: entry{
			id:      "gmail/unauthenticated",
			title:   "the mail has neither SPF nor DKIM that passes",
			meaning: "Google takes mail only with proof of where it comes from: the server must stand in the domain's SPF record, or sign with DKIM. This mail had neither.",
			causes: []string{
				"The plant's server sends straight to Google, and the sender's domain has no SPF record or one without this address.",
				"The sender's domain is made up.",
			},
			fixes: []Fix{
				{IT, "Add the sending server to the SPF record of the sender's domain and set up DKIM; the quickest way is to send through the company's mail provider."},
				{Controls, "Use a real address of the company as the sender and not one like plc@local."},
			},
			retry:   RetryChange,
			sources: []string{"Google Workspace Admin Help, Gmail SMTP errors and codes", "Google, email sender guidelines"},
			see:     []string{"generic/spf", "generic/dkim", "enhanced/7.26"},
		},
	},
	{
		provider: "Gmail",
		any: []string{
			"because dkim does not pass", "because dkim authentication didn't pass", "senders to authenticate with dkim",
			"senders to authenticate their email with dkim",
		},
		entry: entry{
			id:      "gmail/bulk-dkim",
			title:   "Google wants DKIM from large senders",
			meaning: "Google counts the domain among large senders, of 5,000 mails and more a day, and those must sign with DKIM. This has nothing to do with encryption, although a standard uses the same 5.7.30 for that.",
			causes: []string{
				"One of the domain's senders doesn't sign.",
				"The signature was broken on the way, by a footer for example.",
			},
			fixes:   []Fix{{IT, "Set up DKIM at the server that sends, and publish its key in the domain's DNS."}},
			retry:   RetryChange,
			sources: []string{"Google, email sender guidelines, since February 2024"},
			see:     []string{"enhanced/7.30", "gmail/unauthenticated"},
		},
	},
	{
		provider: "Gmail",
		any: []string{
			"because spf does not pass", "because spf authentication didn't pass", "senders to authenticate with spf",
			"senders to authenticate their email with spf",
		},
		entry: entry{
			id:      "gmail/bulk-spf",
			title:   "Google wants SPF from large senders",
			meaning: "For a large sending domain Google asks for a passing SPF, and this mail's server isn't in the record.",
			causes:  []string{"A new relay or a second upstream isn't in the SPF record."},
			fixes:   []Fix{{IT, "Add every server that sends for the domain to its SPF record, the fallback too."}},
			retry:   RetryChange,
			sources: []string{"Google, email sender guidelines, since February 2024"},
			see:     []string{"generic/spf"},
		},
	},
	{
		provider: "Gmail",
		any:      []string{"isn't aligned with either", "is not aligned with either"},
		entry: entry{
			id:      "gmail/bulk-alignment",
			title:   "the From domain doesn't fit the proven domain",
			meaning: "SPF or DKIM may pass, but for another domain than the one in the From line, and from large senders Google wants them to fit.",
			causes:  []string{"The relay uses its own domain as envelope sender and signs with its own."},
			fixes:   []Fix{{IT, "Have the relay sign with the company's domain, or use that domain as envelope sender too."}},
			retry:   RetryChange,
			sources: []string{"Google, email sender guidelines, since February 2024"},
			see:     []string{"gmail/dmarc"},
		},
	},
	{
		provider: "Gmail",
		any:      []string{"wasn't sent over a tls", "senders to use tls/ssl"},
		entry: entry{
			id:      "gmail/bulk-tls",
			title:   "Google wants TLS from large senders",
			meaning: "The mail came to Google in plain text, and from large senders it must be encrypted on the way.",
			causes:  []string{"The relay's TLS towards other servers is off."},
			fixes:   []Fix{{IT, "Switch on opportunistic TLS for outgoing mail at the relay, in Postfix smtp_tls_security_level = may."}},
			retry:   RetryChange,
			sources: []string{"Google, email sender guidelines, since February 2024"},
			see:     []string{"generic/starttls-required"},
		},
	},
	{
		provider: "Gmail",
		all:      []string{"spf record of the sending domain"},
		entry: entry{
			id:      "gmail/spf-suspicious",
			title:   "the SPF record itself looks suspicious to Google",
			meaning: "Google finds that the domain's SPF record lets in far too much, or has entries that nobody should have.",
			causes:  []string{"The record allows huge ranges or ends in +all."},
			fixes:   []Fix{{IT, "Cut the SPF record down to the servers that really send."}},
			retry:   RetryChange,
			sources: []string{"Google Workspace Admin Help, Gmail SMTP errors and codes"},
			see:     []string{"enhanced/7.24"},
		},
	},
	{
		provider: "Gmail",
		all:      []string{"ptr record"},
		any:      []string{"gsmtp", "google", "sending this message", "ipv6 sending guidelines"},
		entry: entry{
			id:      "gmail/reverse-dns",
			title:   "Google wants reverse DNS for the sending address",
			meaning: "The public address that the mail comes from has no name in reverse DNS, or the name doesn't lead back to it.",
			causes:  []string{"The server stands on a line whose provider sets no PTR record."},
			fixes: []Fix{
				{Provider, "The internet provider sets the PTR record; ask for one that names your mail server."},
				{IT, "Make the server's name in DNS point to the same address, or send through a relay that has all this."},
			},
			retry:   RetryChange,
			sources: []string{"Google Workspace Admin Help, Gmail SMTP errors and codes"},
			see:     []string{"generic/reverse-dns", "enhanced/7.25"},
		},
	},
	{
		provider: "Gmail",
		any:      []string{"unusual rate of", "exceeded its quota for sending messages with the same message-id"},
		entry: entry{
			id:      "gmail/unusual-rate",
			title:   "Google sees an unusual amount of mail",
			meaning: "More mail than usual came from this address or domain, or the same mail many times over, and Google holds it back.",
			causes: []string{
				"An alarm flood to Gmail addresses.",
				"A device that writes the same Message-ID into every mail.",
				"Spam from another computer behind the same public address.",
			},
			fixes: []Fix{
				{Controls, "Cut the flood at its source; one mail with a count does as well as a hundred."},
				{IT, "Let a relay in the plant write a fresh Message-ID for each mail, and look for other senders behind the address."},
			},
			retry:   RetryLater,
			sources: []string{"Google Workspace Admin Help, Gmail SMTP errors and codes"},
			see:     []string{"enhanced/7.28", "basic/421"},
		},
	},
}
