package reply

// enhancedPolicy is subject 7 from X.7.15: priorities, owners, and proof of the
// sender.
var enhancedPolicy = []enhancedEntry{
	{"7.15", entry{
		id: "enhanced/7.15", title: "priority too low just now",
		meaning: "The server is taking only mail above a certain priority, and this one is below it.",
		causes: []string{
			"The server is in an emergency mode or short of bandwidth, as on radio and satellite links.",
		},
		fixes: []Fix{
			{IT, "Give alarm mails a higher priority at the relay, if the system lets them have it; let reports wait."},
			{Controls, "Keep the report until the link has recovered, and let alarms go first."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 6710"}, see: []string{"enhanced/3.6", "enhanced/7.16"},
	}},
	{"7.16", entry{
		id: "enhanced/7.16", title: "too large for its priority",
		meaning: "The server limits how large mail of this priority may be, and this mail is over it. The number was given out twice: in an earlier RFC it stands for too many mails put back for later sending.",
		causes: []string{
			"Only small mail of low priority is let through on a narrow link.",
			"By the other reading, the user has filled the quota of mails that wait for a set time.",
		},
		fixes: []Fix{
			{Operator, "Send it without the attachment, or when the link is free."},
			{IT, "Read the text to see which of the two is meant; if it speaks of future release, delete or send what is waiting."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 6710", "RFC 4865"}, see: []string{"enhanced/7.15", "enhanced/3.4"},
	}},
	{"7.17", entry{
		id: "enhanced/7.17", title: "mailbox has another owner now",
		meaning: "The sender asked that the mail go only to whoever had the mailbox on a given day, and it has changed hands since. An earlier RFC uses the number for a system's full quota of mails put back for later.",
		causes: []string{
			"The address was given up and handed to somebody else.",
			"By the older use, the whole server holds too many mails that wait for their time.",
		},
		fixes: []Fix{
			{Controls, "Don't send machine data to that address any more; ask the person you mean for the present one."},
			{IT, "If the text is about waiting mails, clear out the server's deferred ones."},
		},
		retry:   RetryNo,
		sources: []string{"RFC 7293", "RFC 4865"}, see: []string{"enhanced/7.18", "enhanced/1.6"},
	}},
	{"7.18", entry{
		id: "enhanced/7.18", title: "domain has another owner now",
		meaning: "The sender asked for delivery only if the whole domain is in the same hands as on a given day. It isn't.",
		causes: []string{
			"The company let its domain lapse and another has registered it.",
			"Two companies joined and the domain was transferred.",
		},
		fixes: []Fix{
			{Controls, "Strike every address of that domain from the program, since a stranger would read the mails."},
			{IT, "Find out under which domain the partner works today, and have it confirmed by telephone."},
		},
		retry:   RetryNo,
		sources: []string{"RFC 7293"}, see: []string{"enhanced/7.17", "enhanced/1.2"},
	}},
	{"7.19", entry{
		id: "enhanced/7.19", title: "owner of the mailbox can't be checked",
		meaning: "The sender asked for a check of since when the mailbox has had its owner, and the server has no way to tell.",
		causes: []string{
			"The server keeps no record of when mailboxes were given out.",
			"The database with these dates was out of reach.",
		},
		fixes: []Fix{
			{IT, "Send the mail without the Require-Recipient-Valid-Since field; for plant mail nobody needs it."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 7293"}, see: []string{"enhanced/7.17", "enhanced/7.18"},
	}},
	{"7.20", entry{
		id: "enhanced/7.20", title: "no DKIM signature that holds",
		meaning: "The receiver wants a valid DKIM signature, and found none on the mail that passes its check.",
		causes: []string{
			"The relay doesn't sign at all, and the module can't.",
			"The public key in DNS is missing, cut off or an old one.",
			"Something changed the mail after signing.",
		},
		fixes: []Fix{
			{IT, "Switch DKIM signing on in the last server of yours that touches the mail, and publish its key in DNS."},
			{IT, "Send a mail to a test mailbox and read the Authentication-Results line there."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 7372 section 3.1"}, see: []string{"enhanced/7.21", "enhanced/7.22", "enhanced/7.26"},
	}},
	{"7.21", entry{
		id: "enhanced/7.21", title: "DKIM signature holds but isn't good enough",
		meaning: "There is a valid signature, but the receiver's policy doesn't accept it, for the key, the signer or what it covers.",
		causes: []string{
			"The key is short, 512 or 768 bits, or the method is SHA-1.",
			"The signature leaves out important headers or part of the body.",
		},
		fixes: []Fix{
			{IT, "Make a new key of 2048 bits, sign with SHA-256, and cover From, To, Subject and Date."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 7372 section 3.1"}, see: []string{"enhanced/7.20", "enhanced/7.22"},
	}},
	{"7.22", entry{
		id: "enhanced/7.22", title: "DKIM signature is somebody else's",
		meaning: "Signatures on the mail are valid, but none was made by the domain in the From line.",
		causes: []string{
			"A mail service signs with its own domain, and the plant's sender is under yours.",
			"The From line names a free-mail address, while the mail goes out by the company's relay.",
		},
		fixes: []Fix{
			{IT, "Set the service up to sign with your domain; providers call it a custom or verified domain."},
			{Controls, "Use a From address of the domain that does sign."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 7372 section 3.1"}, see: []string{"enhanced/7.20", "enhanced/7.26"},
	}},
	{"7.23", entry{
		id: "enhanced/7.23", title: "SPF says that this host may not send",
		meaning: "The sender's domain publishes which hosts send for it, and the one that the mail came from isn't among them.",
		causes: []string{
			"The plant sends straight to the Internet from its own line, and nobody put that address into the SPF record.",
			"The provider or the line changed, and the record didn't.",
			"The sender address belongs to a domain that isn't yours.",
		},
		fixes: []Fix{
			{IT, "Add the plant's outside address to the domain's SPF record, or better, send through the server that is in it already."},
			{Controls, "Put an address of your own company into Sender Address, never a private one at a free provider."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 7372 section 3.2"}, see: []string{"enhanced/7.24", "enhanced/7.26", "enhanced/7.25"},
	}},
	{"7.24", entry{
		id: "enhanced/7.24", title: "SPF check ended in an error",
		meaning: "The receiver wanted to check the sender by SPF and couldn't: the record is faulty, or DNS didn't answer.",
		causes: []string{
			"The record has a typing error, stands twice, or needs more than ten look-ups.",
			"A name server was slow at that minute.",
		},
		fixes: []Fix{
			{IT, "Run the domain through an SPF checker, leave one record only, and cut includes down to ten look-ups."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 7372 section 3.2"}, see: []string{"enhanced/7.23", "basic/451"},
	}},
	{"7.25", entry{
		id: "enhanced/7.25", title: "reverse DNS check failed",
		meaning: "The IP address that the mail came from has no name in DNS, or a name that doesn't lead back to it.",
		causes: []string{
			"The plant's line has no PTR record, or the provider's general one.",
			"The mail left by another line than usual, such as a mobile backup.",
		},
		fixes: []Fix{
			{Provider, "Have your Internet provider set the PTR record of your outside address to the mail server's name."},
			{IT, "Give that name an address record with the same IP. Or send by a relay that has both already."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 7372 section 3.3"}, see: []string{"enhanced/7.1", "enhanced/7.23", "basic/554"},
	}},
	{"7.26", entry{
		id: "enhanced/7.26", title: "sender couldn't be proved",
		meaning: "More than one check of the sender failed together. Gmail and Microsoft 365 use it when a mail fails DMARC.",
		causes: []string{
			"Neither SPF nor DKIM passes for the domain in the From line.",
			"Mail is sent directly from a device under a company domain that asks receivers to refuse such mail.",
			"A forward on the way broke both proofs.",
		},
		fixes: []Fix{
			{IT, "Route device mail through the company's mail server or a relay that signs with DKIM; one passing check for the From domain is enough."},
			{Controls, "See that the Sender Address has the domain which that server signs for."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 7372 section 3.4"}, see: []string{"enhanced/7.20", "enhanced/7.23", "enhanced/7.1"},
	}},
	{"7.27", entry{
		id: "enhanced/7.27", title: "sender's domain takes no mail",
		meaning: "The domain of the sender address has a null MX: no reply or bounce could ever reach it, so the receiver won't have its mail.",
		causes: []string{
			"The machines use a subdomain that was closed for mail.",
			"Somebody made up a domain for the device, such as example.com.",
		},
		fixes: []Fix{
			{Controls, "Change the Sender Address to a mailbox that exists and that somebody reads; bounces go there."},
			{IT, "Or remove the null MX from the machines' domain and let a server take its mail."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 7505"}, see: []string{"enhanced/1.8", "enhanced/1.10"},
	}},
	{"7.28", entry{
		id: "enhanced/7.28", title: "flood of mail",
		meaning: "The receiver sees far more mail from you, or to one mailbox, than is normal, and holds it off.",
		causes: []string{
			"A fault that comes and goes makes a box send by the minute.",
			"An infected PC behind the same outside address sends spam.",
			"A list or two auto-answers feed each other.",
		},
		fixes: []Fix{
			{Controls, "Look at the rung: add a lock-out of ten minutes, and count alarms into one mail."},
			{IT, "Stop the queue, see in the log who sends so much, and start again slowly."},
		},
		retry:   RetryChange,
		sources: []string{"IANA registry of enhanced codes"}, see: []string{"basic/421", "enhanced/4.5", "basic/557"},
	}},
	{"7.29", entry{
		id: "enhanced/7.29", title: "ARC chain doesn't hold",
		meaning: "Servers that forwarded the mail sealed their findings about it (ARC), and one of these seals fails the check.",
		causes: []string{
			"A server on the way altered the mail or sealed it with a faulty key.",
		},
		fixes: []Fix{
			{IT, "Leave the forward out and send to the final address directly."},
			{Provider, "Tell the operator of the forwarding server; its ARC key or its software needs a look."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 8617"}, see: []string{"enhanced/7.20", "enhanced/7.26"},
	}},
	{"7.30", entry{
		id: "enhanced/7.30", title: "next server must promise TLS all the way",
		meaning: "The mail is marked to travel under verified TLS only (REQUIRETLS), and the next server doesn't support the mark. Microsoft uses the same number for something else: passwords not accepted for SMTP.",
		causes: []string{
			"The sender demanded TLS on each leg, and the path has a server that can't do it.",
			"The text speaks of basic authentication: then it is Microsoft's meaning, and the login is at fault.",
		},
		fixes: []Fix{
			{IT, "Take the REQUIRETLS mark off plant mail, or route it by servers that have it."},
			{IT, "If the server is Microsoft's, look at how the device logs in: it needs OAuth, or a relay that has it."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 8689", "IANA registry of enhanced codes"}, see: []string{"enhanced/7.10", "basic/535"},
	}},
}
