package reply

import "slices"

// microsoftRules is what Microsoft 365, Outlook.com and Exchange servers say. Each needs words
// that only they use; the first that fits counts.
var microsoftRules = slices.Concat(microsoftLoginRules, exchangeRules, outlookRules)

// microsoftLoginRules is how Microsoft 365 answers who logs in or hands over mail.
var microsoftLoginRules = []textRule{
	{
		provider: "Microsoft 365",
		codes:    []int{535, 550},
		enhanced: []string{"5.7.30", "5.7.139"},
		all:      []string{"basic auth"},
		any:      []string{"5.7.30", "5.7.139", "not supported"},
		none:     []string{"is disabled"},
		entry: entry{
			id:      "m365/basic-auth-off",
			title:   "Microsoft 365 takes no password over SMTP here",
			meaning: "The login was a plain user name and password (Microsoft calls that Basic authentication), and the tenant doesn't take it over SMTP. It is to be switched off by default in existing tenants at the end of December 2026; an admin can switch it on again, so this isn't the end of the road for the device.",
			causes: []string{
				"An admin, or a test of the coming change, has already switched Basic authentication off for the tenant.",
				"The tenant is new: new tenants get SMTP logins with OAuth only, once the default has changed.",
			},
			fixes: []Fix{
				{IT, "Let a relay in the plant hold the account and log in with OAuth, so that the controller goes on as it is; this is the lasting fix."},
				{IT, "If OAuth can't be had in time, have a tenant admin allow Basic authentication for SMTP AUTH again, and write down which devices lean on it."},
				{Controls, "Send to that relay and not to Microsoft straight from the controller: an ECOM100 can't log in at all, by password or by OAuth."},
			},
			retry:   RetryChange,
			sources: []string{"Microsoft message MC786329, as of 27 January 2026", "Exchange team blog on Basic authentication for client submission, as of 2026"},
			see:     []string{"m365/basic-auth-disabled", "m365/smtp-auth-tenant-off", "enhanced/7.30", "basic/550"},
			later: []dated{
				{
					from:    "2027-01-01",
					meaning: "The login was a plain user name and password, which Microsoft calls Basic authentication. Over SMTP it has been off by default since the end of December 2026; an admin can still switch it on in an existing tenant, and a final date was to be announced in the second half of 2027.",
					causes: []string{
						"The default of the end of December 2026 has reached this tenant, and nobody has switched Basic authentication on again.",
						"The tenant was made after December 2026: there OAuth is the only way from the start.",
					},
					fixes: []Fix{
						{IT, "Move the account of the plant's relay to OAuth now, while an existing tenant can still fall back on a password."},
						{IT, "As a stopgap in an existing tenant, have an admin switch Basic authentication for SMTP AUTH on again."},
						{Controls, "Leave the controller's program alone: only the hop from the relay to Microsoft has to change."},
					},
				},
				{
					from:    "2027-07-01",
					meaning: "The login was a plain user name and password, which Microsoft calls Basic authentication. Over SMTP it has been off by default since the end of December 2026. Microsoft was to name the day on which it goes for good in the second half of 2027: look up whether that day is known, or past, before you count on switching it on again.",
					causes:  []string{"The default is still off in this tenant, or the final removal has come."},
					fixes: []Fix{
						{IT, "Look in the tenant's message centre for the final date under MC786329; until then an admin of an existing tenant may still be able to switch Basic authentication on."},
						{IT, "Give the plant's relay an OAuth login, which no date threatens."},
					},
				},
			},
		},
	},
	{
		provider: "Microsoft 365",
		all:      []string{"basic authentication is disabled"},
		entry: entry{
			id:      "m365/basic-auth-disabled",
			title:   "basic authentication is disabled for this account",
			meaning: "Microsoft saw a user name and password and refused the very method. A mailbox of a company may get it back from its admin; a personal Outlook.com or Hotmail account can't, for there it ended in September 2024.",
			causes: []string{
				"An authentication policy of the tenant forbids Basic authentication for this user.",
				"The account is a personal Outlook.com, Hotmail or Live one.",
				"The tenant has tried out early the default for SMTP logins that is due at the end of December 2026.",
			},
			fixes: []Fix{
				{IT, "Look in Exchange Online at the user's authentication policy, and allow Basic authentication for SMTP there or assign a policy that does."},
				{IT, "For a personal account there is no switch: log in with OAuth from a relay in the plant, or send through another provider."},
				{Controls, "Don't try other passwords or an app password: none is taken on this path."},
			},
			retry:   RetryChange,
			sources: []string{"Microsoft Learn, Disable Basic authentication in Exchange Online", "GitHub issues of nodemailer and mailR, 2022 to 2025", "Microsoft message MC786329, as of 27 January 2026"},
			see:     []string{"m365/basic-auth-off", "enhanced/7.8"},
			later: []dated{
				{
					from:    "2027-01-01",
					meaning: "Microsoft saw a user name and password and refused the very method. For SMTP that method has been off by default in existing tenants since the end of December 2026; their admins can still allow it again, until a last day that Microsoft is to announce. A personal Outlook.com or Hotmail account can't have it back.",
					causes: []string{
						"The tenant has the default of the end of December 2026.",
						"The user's authentication policy forbids Basic authentication, whatever the default is.",
						"It is a personal Outlook.com, Hotmail or Live account.",
					},
					fixes: []Fix{
						{IT, "Have the relay that sends for the plant log in with OAuth; that lasts."},
						{IT, "Meanwhile, in an existing tenant, allow Basic authentication for SMTP AUTH again, for this one mailbox."},
						{Controls, "Leave passwords as they are: neither a new one nor an app password is taken on this path."},
					},
				},
			},
		},
	},
	{
		provider: "Microsoft 365",
		all:      []string{"security defaults"},
		entry: entry{
			id:      "m365/security-defaults",
			title:   "security defaults block the login",
			meaning: "The tenant has Microsoft's ready-made security settings on, called security defaults, and those refuse every login by password alone, SMTP included.",
			causes: []string{
				"Security defaults are on, as they are in every tenant made since October 2019 unless somebody turned them off.",
				"Somebody turned them on later, after an audit or a break-in.",
			},
			fixes: []Fix{
				{IT, "Use OAuth for the account that sends: it works with security defaults on."},
				{IT, "If a password must stay, turn security defaults off in Entra ID and set up Conditional Access in their place, with an exception for this one account."},
			},
			retry:   RetryChange,
			sources: []string{"Microsoft Learn, Enable or disable SMTP AUTH", "Microsoft Learn, security defaults in Entra ID"},
			see:     []string{"m365/conditional-access", "enhanced/7.8"},
		},
	},
	{
		provider: "Microsoft 365",
		all:      []string{"smtpclientauthentication is disabled for the tenant"},
		entry: entry{
			id:      "m365/smtp-auth-tenant-off",
			title:   "SMTP logins are switched off for the whole tenant",
			meaning: "Somebody has, or Microsoft has by default, switched off SMTP logins for every mailbox of the company. The password isn't even looked at, and OAuth over SMTP is refused too.",
			causes: []string{
				"The tenant-wide switch for SMTP AUTH is off, which is the default in tenants made since 2020.",
				"The mailbox has no setting of its own, so it follows the tenant.",
			},
			fixes: []Fix{
				{IT, "Switch SMTP AUTH on for this mailbox alone: admin centre, the user, Mail, Manage email apps, Authenticated SMTP. A mailbox's own setting beats the tenant's."},
				{IT, "Or switch it on for all with Set-TransportConfig -SmtpClientAuthenticationDisabled $false, which opens more than one device needs."},
				{IT, "Wait up to an hour after the change before you judge it."},
			},
			retry:   RetryChange,
			sources: []string{"Microsoft Learn, Enable or disable authenticated client SMTP submission", "https://aka.ms/smtp_auth_disabled"},
			see:     []string{"m365/smtp-auth-mailbox-off", "m365/basic-auth-off"},
		},
	},
	{
		provider: "Microsoft 365",
		all:      []string{"smtpclientauthentication is disabled for the mailbox"},
		entry: entry{
			id:      "m365/smtp-auth-mailbox-off",
			title:   "SMTP logins are switched off for this mailbox",
			meaning: "The company may allow SMTP logins, but this one mailbox has them switched off.",
			causes: []string{
				"The tick at Authenticated SMTP is missing in the user's list of email apps.",
				"The mailbox is a shared one that never had it.",
			},
			fixes: []Fix{
				{IT, "Tick Authenticated SMTP for the mailbox in the admin centre, or run Set-CASMailbox with -SmtpClientAuthenticationDisabled $false."},
				{IT, "Check that the device logs in as the mailbox that you think it does: the name in the log of sign-ins decides."},
			},
			retry:   RetryChange,
			sources: []string{"Microsoft Learn, authenticated client SMTP submission"},
			see:     []string{"m365/smtp-auth-tenant-off"},
		},
	},
	{
		provider: "Microsoft 365",
		any: []string{
			"did not meet the criteria to be authenticated successfully", "blocked by conditional access",
			"conditional access polic",
		},
		entry: entry{
			id:      "m365/conditional-access",
			title:   "an access policy of the tenant refused the login",
			meaning: "Name and password may well be right, but a rule of the company says that logins of this kind, from this place or without a second factor, aren't let in.",
			causes: []string{
				"A Conditional Access rule blocks older ways of logging in, and SMTP with a password is one.",
				"The account must use a second factor, which a controller can't give.",
				"The sign-in comes from a country or address that the rules don't list.",
			},
			fixes: []Fix{
				{IT, "Open the account's sign-in log in Entra ID: it names the policy that said no. Leave the device's account out of that policy, limited to the plant's own public address."},
				{IT, "Better, let a relay in the plant log in with OAuth, which can satisfy the policy."},
			},
			retry:   RetryChange,
			sources: []string{"Microsoft Learn, Fix issues with printers, scanners and LOB applications", "GitHub MicrosoftDocs/OfficeDocs-Exchange pull 2707"},
			see:     []string{"m365/security-defaults"},
		},
	},
	{
		provider: "Microsoft 365",
		all:      []string{"the user credentials were incorrect"},
		entry: entry{
			id:      "m365/wrong-password",
			title:   "Microsoft says that user name or password is wrong",
			meaning: "SMTP logins are allowed here, and the name and password were looked at and didn't fit.",
			causes: []string{
				"A typing error, or the user name isn't the full sign-in address such as alarms@example.com.",
				"The password was changed or ran out, and the device still has the old one.",
				"The account uses a second factor, so its normal password isn't taken.",
			},
			fixes: []Fix{
				{IT, "Sign in to outlook.office.com with exactly this name and password; if that fails, reset it and set it not to expire."},
				{Controls, "In the device that logs in, enter the full address as user name, and look for a field that cuts a long password short; an ECOM100 can't log in and isn't that device."},
			},
			retry:   RetryChange,
			sources: []string{"Microsoft Learn, Fix issues with printers, scanners and LOB applications"},
			see:     []string{"m365/auth-unsuccessful", "basic/535"},
		},
	},
	{
		provider: "Microsoft 365",
		all:      []string{"federated sts service was unreachable"},
		entry: entry{
			id:      "m365/federation-unreachable",
			title:   "the company's own sign-in server wasn't reachable",
			meaning: "The company checks passwords on a server of its own (federation), and Microsoft couldn't reach that server.",
			causes:  []string{"The federation server or its proxy is down, or its certificate has run out."},
			fixes: []Fix{
				{IT, "Restart or repair the AD FS servers and their proxies, and test a sign-in from outside the company."},
				{IT, "Give the device an account that lives in the cloud only, so that alarms don't hang on the company's server."},
			},
			retry:   RetryLater,
			sources: []string{"Microsoft Learn, Fix issues with printers, scanners and LOB applications"},
		},
	},
	{
		provider: "Microsoft 365",
		all:      []string{"5.7.139", "authentication unsuccessful"},
		entry: entry{
			id:      "m365/login-refused",
			title:   "Microsoft refused the login for a reason of the tenant",
			meaning: "The code 5.7.139 says that the tenant's own settings had a hand in the refusal; the words after it are not ones that are known here.",
			causes:  []string{"SMTP AUTH is off, a policy says no, or the password is wrong: all three give this code."},
			fixes: []Fix{
				{IT, "Find the attempt in Entra ID under sign-in logs, with the filter on client app Authenticated SMTP; the failure reason stands there in full."},
				{IT, "If no attempt is in the log at all, the switch for SMTP AUTH is off, for the mailbox or the tenant."},
			},
			retry:   RetryChange,
			sources: []string{"Microsoft Learn, Fix issues with printers, scanners and LOB applications"},
			see:     []string{"m365/smtp-auth-tenant-off", "m365/conditional-access", "m365/wrong-password"},
		},
	},
	{
		provider: "Microsoft 365, Exchange",
		all:      []string{"5.7.3 authentication unsuccessful"},
		entry: entry{
			id:      "m365/auth-unsuccessful",
			title:   "the Microsoft server refused the login",
			meaning: "A Microsoft 365 or Exchange server refused name and password, or the OAuth token, without saying which part was wrong.",
			causes: []string{
				"The password is wrong or old, or the user name lacks its domain.",
				"With OAuth: the token is for another account, has run out, or lacks the right to send by SMTP.",
				"SMTP AUTH is off for the mailbox.",
			},
			fixes: []Fix{
				{IT, "Test the same account by swaks --server smtp.office365.com:587 --tls --auth LOGIN from the same network, then reset the password or renew the OAuth consent."},
				{IT, "On an Exchange server on site, see that the receive connector on port 587 offers Basic authentication after TLS."},
			},
			retry:   RetryChange,
			sources: []string{"Microsoft Learn, Fix issues with printers, scanners and LOB applications", "GitHub jstedfast/MailKit issue 700"},
			see:     []string{"m365/login-refused", "basic/535"},
		},
	},
	{
		provider: "Microsoft 365",
		any: []string{
			"client was not authenticated to send anonymous mail", "client not authenticated to send mail",
			"client not authenticated to send anonymous mail",
		},
		entry: entry{
			id:      "m365/not-logged-in",
			title:   "sent to Microsoft 365 without logging in",
			meaning: "The client went on to MAIL FROM without a login that worked. On smtp.office365.com nobody sends without one.",
			causes: []string{
				"User name and password aren't filled in, or the device skips the login when the server offers a kind that it doesn't know.",
				"TLS isn't on, so the server doesn't even offer a login.",
				"The login failed a line earlier and the device carried on.",
			},
			fixes: []Fix{
				{Controls, "Let an ECOM100 send to a relay in the plant that logs in, for it has neither a login nor TLS; on a device that has both, fill in the account with STARTTLS on port 587."},
				{IT, "If the device can't log in at all, use the company's own MX with a connector on the plant's public address."},
			},
			retry:   RetryChange,
			sources: []string{"Microsoft Learn, Fix issues with printers, scanners and LOB applications"},
			see:     []string{"m365/auth-unsuccessful", "m365/direct-send-blocked", "basic/530"},
		},
	},
	{
		provider: "Exchange",
		any:      []string{"client was not authenticated"},
		none:     []string{"secure connection or the client"}, // .NET's sentence around any refusal
		entry: entry{
			id:      "exchange/client-not-authenticated",
			title:   "the Exchange server wants a login first",
			meaning: "This Exchange server takes no mail from an unknown sender on this port.",
			causes: []string{
				"The device sent without logging in to a connector that wants a login.",
				"The connector for devices doesn't list the device's IP address, so a stricter one answered.",
			},
			fixes: []Fix{
				{IT, "Make or mend a receive connector that lists the plant's addresses and allows anonymous users, or give the device an account."},
				{Controls, "Check in the trace which address the controller comes from; a changed IP address or a router with NAT makes it a stranger."},
			},
			retry:   RetryChange,
			sources: []string{"Microsoft Learn, Allow anonymous relay on Exchange servers"},
			see:     []string{"exchange/unable-to-relay", "basic/530"},
		},
	},
	{
		provider: "Microsoft 365, Exchange",
		any:      []string{"client does not have permissions to send as this sender", "client does not have permission to send as this sender"},
		entry: entry{
			id:      "m365/send-as-denied",
			title:   "logged in as one mailbox, sending as another",
			meaning: "The login worked, but the sender address of the mail belongs to somebody else, and the account may not send in that name.",
			causes: []string{
				"The sender address in the controller isn't the address of the account that logs in.",
				"Several devices share one account, each with a sender address of its own.",
			},
			fixes: []Fix{
				{IT, "Give the account the right Send As on that mailbox, or add the address to the account as an alias, and wait an hour."},
				{Controls, "Set the sender address in the device's e-mail set-up to the address of the account."},
				{IT, "Or have a relay in the plant rewrite the sender for this upstream."},
			},
			retry:   RetryChange,
			sources: []string{"Microsoft Learn, Fix issues with printers, scanners and LOB applications", "GitHub swiftmailer/swiftmailer issue 1030"},
			see:     []string{"m365/send-as-denied-late", "basic/550"},
		},
	},
	{
		provider: "Microsoft 365",
		all:      []string{"sendasdenied"},
		entry: entry{
			id:      "m365/send-as-denied-late",
			title:   "the From line names another mailbox",
			meaning: "Microsoft took the whole mail and then saw that its From address isn't one that the account may use.",
			causes: []string{
				"The header's From differs from the account, though the envelope sender may be right.",
				"The Send As right was given only minutes ago and isn't everywhere yet.",
			},
			fixes: []Fix{
				{IT, "Grant Send As in the admin centre for the mailbox named after the words not allowed to send as."},
				{Controls, "Make the From address of the mail and the account the same."},
			},
			retry:   RetryChange,
			sources: []string{"GitHub gophish/gophish issue 2900", "GitHub MicrosoftDocs/OfficeDocs-Support issue 1187"},
			see:     []string{"m365/send-as-denied"},
		},
	},
	{
		provider: "Microsoft 365",
		all:      []string{"storedrv.submission", "quotaexceeded"},
		none:     []string{"submissionquotaexceeded"},
		entry: entry{
			id:      "m365/sent-items-full",
			title:   "the sending mailbox is full",
			meaning: "Microsoft keeps a copy of every mail in the Sent Items of the account that sends. That mailbox is now full, so it may send nothing more.",
			causes: []string{
				"Years of alarm copies fill Sent Items.",
				"The account also receives bounces and replies that nobody reads.",
			},
			fixes: []Fix{
				{IT, "Empty Sent Items and the deleted items of the sending account, then set a retention policy that clears Sent Items by itself."},
				{IT, "Raise the mailbox's quota only as a stopgap."},
			},
			retry:   RetryChange,
			sources: []string{"Microsoft Learn, message storage and concurrent connection throttling for SMTP submission"},
			see:     []string{"enhanced/2.2", "m365/recipient-mailbox-full"},
		},
	},
	{
		provider: "Microsoft 365",
		any: []string{
			"submissionquotaexceeded", "submission quota exceeded", "daily limit for message recipients",
			"recipient rate limit exceeded",
		},
		entry: entry{
			id:      "m365/daily-recipients",
			title:   "the account has used up its recipients for today",
			meaning: "One mailbox may address 10,000 recipients in a day, and this one has; every address in To, Cc and Bcc counts, each time.",
			causes: []string{
				"An alarm flood, or a rung that triggers on every scan.",
				"A long recipient list on a frequent report.",
				"Somebody has the password and sends spam with it.",
			},
			fixes: []Fix{
				{Controls, "Find the mail that repeats, and give its rung a one-shot contact and a lockout time."},
				{IT, "Look in the message trace for what was sent in the last 24 hours; if it wasn't the plant, change the password at once."},
				{IT, "Send to a distribution list, which counts as one recipient."},
			},
			retry:   RetryLater,
			sources: []string{"Microsoft Learn, message storage and concurrent connection throttling for SMTP submission", "Microsoft Learn, Exchange Online limits"},
			see:     []string{"m365/tenant-external-limit", "enhanced/2.2"},
		},
	},
	{
		provider: "Microsoft 365",
		any:      []string{"concurrent connections limit exceeded", "concurrent connection limit exceeded", "sender thread limit exceeded"},
		entry: entry{
			id:      "m365/concurrent-connections",
			title:   "more than three connections at once",
			meaning: "Microsoft lets one mailbox send over three connections at a time. This was one too many; the mail itself is fine. It isn't about the password, although another standard uses 432 for that.",
			causes: []string{
				"Several devices share one account and send in the same second, as they do in a plant-wide alarm.",
				"A client opens a connection for each mail and doesn't close it.",
			},
			fixes: []Fix{
				{IT, "Put the devices behind a relay in the plant, which uses few connections and queues the rest, or give each device an account."},
				{Controls, "Spread reports that all start on the hour over some minutes."},
			},
			retry:   RetryYes,
			sources: []string{"Microsoft Learn, message storage and concurrent connection throttling for SMTP submission", "Exchange team blog, 20 April 2018"},
			see:     []string{"basic/432", "generic/password-transition"},
		},
	},
	{
		provider: "Microsoft 365",
		any:      []string{"tenant external recipient rate limit", "exceeded its daily limit for sending email to external recipients"},
		entry: entry{
			id:      "m365/tenant-external-limit",
			title:   "the tenant has used up its outside recipients for today",
			meaning: "All mailboxes of the company share a daily number of recipients outside it, which depends on the licences. The number is used up.",
			causes: []string{
				"A mailing to customers from any mailbox of the company, not only from the plant.",
				"A tenant with few licences, whose share is small.",
			},
			fixes: []Fix{
				{IT, "Look at the outbound report in the Exchange admin centre for the account that used it up."},
				{IT, "Send bulk mail by a service made for it, and keep alarm mail to addresses inside the company."},
			},
			retry:   RetryLater,
			sources: []string{"Microsoft Learn, Exchange Online limits, 2025"},
			see:     []string{"m365/daily-recipients"},
		},
	},
	{
		provider: "Microsoft 365",
		any:      []string{"tls 1.0 and 1.1 are not supported", "upgrade/update your client to support tls 1.2"},
		entry: entry{
			id:      "m365/tls-too-old",
			title:   "the client's TLS is too old",
			meaning: "The client started encryption with TLS 1.0 or 1.1, and Microsoft takes 1.2 or newer only.",
			causes: []string{
				"The firmware of the printer, HMI or other device is from before about 2015.",
				"An old Windows or Java on the sending computer has TLS 1.2 switched off.",
			},
			fixes: []Fix{
				{Controls, "Update the device's firmware; if there is none, send to a relay on the plant network, which speaks modern TLS to Microsoft."},
				{IT, "On Windows, switch TLS 1.2 on in the registry for SChannel and for .NET."},
			},
			retry:   RetryChange,
			sources: []string{"Microsoft Learn, Opt in to the Exchange Online endpoint for legacy TLS", "https://aka.ms/smtp_auth_tls"},
			see:     []string{"basic/421"},
		},
	},
	{
		provider: "Exchange",
		all:      []string{"unrecognized authentication type"},
		none:     []string{"gsmtp"},
		entry: entry{
			id:      "exchange/auth-type",
			title:   "the server doesn't know this way of logging in",
			meaning: "The client asked for a kind of login, such as CRAM-MD5, that this server doesn't offer.",
			causes: []string{
				"The device is set to CRAM-MD5 or NTLM; Microsoft 365 offers LOGIN and XOAUTH2 only.",
				"TLS isn't on yet, and before it the server offers no login at all.",
			},
			fixes: []Fix{
				{Controls, "Set a device that logs in to AUTH LOGIN with STARTTLS, or to automatic; an ECOM100 has neither and needs a relay."},
				{IT, "On Exchange on site, tick Basic authentication on the receive connector that the device reaches."},
			},
			retry:   RetryChange,
			sources: []string{"RFC 4954", "Microsoft Learn, receive connector authentication"},
			see:     []string{"basic/504", "enhanced/7.4"},
		},
	},
	{
		provider: "Microsoft 365",
		any:      []string{"restrictdomainstoipaddresses", "restrictdomainstocertificate"},
		entry: entry{
			id:      "m365/partner-connector-only",
			title:   "mail may come in through one connector only",
			meaning: "The receiving company has told Microsoft to take its mail only from named addresses or with a named certificate, most often those of a spam filter in front.",
			causes: []string{
				"The mail went straight to Microsoft and not through the filter that the company's MX record names.",
				"The filter's own addresses changed and the connector wasn't brought up to date.",
			},
			fixes: []Fix{
				{IT, "Send to the server that the domain's MX record names, not to the mail.protection.outlook.com name."},
				{Provider, "Add the sending address or certificate to the partner connector, if this path is meant to work."},
			},
			retry:   RetryChange,
			sources: []string{"Microsoft Learn, non-delivery reports in Exchange Online"},
			see:     []string{"m365/connector-mismatch"},
		},
	},
	{
		provider: "Microsoft 365",
		any:      []string{"tenantinboundattribution", "direct send not allowed"},
		entry: entry{
			id:      "m365/direct-send-blocked",
			title:   "the tenant refuses unauthenticated mail in its own name",
			meaning: "The device handed its mail to the company's own Microsoft 365 address without a login, with a sender of the company. Microsoft has announced a switch, Reject Direct Send, by which a tenant can refuse that from August 2025 on; this one refuses it already.",
			causes: []string{
				"An admin tries the announced switch out before its day.",
				"The device sends straight to the tenant's MX and no connector names the plant's public address.",
			},
			fixes: []Fix{
				{IT, "Make an inbound connector for the plant's fixed public address or for a certificate; mail through it isn't Direct Send."},
				{IT, "Or let a relay in the plant log in with an account, by OAuth, in the place of sending unauthenticated."},
				{Controls, "Don't change the sender to an outside address as a dodge: that breaks SPF and lands in junk."},
			},
			retry:   RetryChange,
			sources: []string{"Exchange team blog, Introducing more control over Direct Send, updated 12 August 2025"},
			see:     []string{"m365/connector-mismatch", "m365/not-logged-in"},
			later: []dated{
				{
					from:    "2025-08-01",
					meaning: "The device handed its mail to the company's own Microsoft 365 address without a login, with a sender of the company. Since August 2025 a tenant can refuse that, and this one does.",
					causes: []string{
						"An admin has switched on Reject Direct Send.",
						"No connector of the tenant names the public address that the plant sends from.",
					},
				},
			},
		},
	},
	{
		provider: "Microsoft 365",
		all:      []string{"tenantattribution"},
		entry: entry{
			id:      "m365/connector-mismatch",
			title:   "no connector fits the sending address or certificate",
			meaning: "The mail was to be relayed through the tenant without a login. For that Microsoft must know the sending address or certificate from a connector, and it didn't.",
			causes: []string{
				"The plant's public IP address changed, after a new line or a failover.",
				"The connector names a certificate that has been renewed under another name.",
				"The sender's domain isn't one of the tenant's accepted domains.",
			},
			fixes: []Fix{
				{IT, "Compare the public address in the trace with the inbound connector in the Exchange admin centre and mend the one that is wrong."},
				{IT, "Where the address isn't fixed, use a certificate or an account with OAuth."},
			},
			retry:   RetryChange,
			sources: []string{"Microsoft Learn, non-delivery reports in Exchange Online", "Microsoft Learn, set up SMTP relay with a connector"},
			see:     []string{"m365/direct-send-blocked", "generic/relaying-denied"},
		},
	},
}
