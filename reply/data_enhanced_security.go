package reply

// enhancedSecurity is subject 7 up to X.7.14: refusals, logins and encryption.
var enhancedSecurity = []enhancedEntry{
	{"7.0", entry{
		id: "enhanced/7.0", title: "something about security or policy",
		meaning: "A rule or a safeguard stopped the mail, a login or a command. Beside 220 or 235 it only tells that TLS or the login went well.",
		causes: []string{
			"The server wants a login or an encrypted line that it didn't get.",
			"The sender's address or network has a poor name with the receiver, or is unknown to it.",
			"The login service behind the server is out of order.",
		},
		fixes: []Fix{
			{IT, "Let the three-digit code decide: 530 means log in, 535 means wrong login, 454 means come later, 550 and 421 mean a rule or your reputation."},
			{Provider, "Follow the link in the text, if there is one; large providers explain the rule there and take requests."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.8", "RFC 4954 section 6", "list of extended SMTP codes"}, see: []string{"basic/530", "basic/535", "basic/454", "enhanced/7.1"},
	}},
	{"7.1", entry{
		id: "enhanced/7.1", title: "not authorised, refused by a rule",
		meaning: "The server may deliver such mail in principle, but not this one or not from you. It covers relaying, block lists, spam filters and senders' rights alike.",
		causes: []string{
			"You aren't allowed to relay: the recipient is outside and the server doesn't count the module's address as its own.",
			"The plant's outside IP address is on a block list, or belongs to a range for private lines.",
			"The spam filter judged the text, a link or an attachment.",
			"The account isn't permitted to send under that From address, or the recipient takes mail from colleagues only.",
			"Greylisting or a rate limit, when the class is 4.",
		},
		fixes: []Fix{
			{IT, "If the text has relay in it, add the module's IP address or network to those that the mail server relays for."},
			{IT, "If it names a list, look your outside address up there, stop what caused the entry, and ask for removal."},
			{Controls, "Set the Sender Address to one that the account owns, and make the Subject say something real, such as the machine and the fault."},
			{Provider, "If only one recipient refuses, that side can allow your sender."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.8", "list of extended SMTP codes"}, see: []string{"basic/550", "basic/554", "basic/572", "enhanced/7.25", "enhanced/7.26"},
	}},
	{"7.2", entry{
		id: "enhanced/7.2", title: "not allowed to write to this list",
		meaning: "The address is a list or group, and you aren't among those who may send to it.",
		causes: []string{
			"The group takes mail from its members or from logged-in colleagues only; a machine is neither.",
			"The list is moderated, and nobody released the mail.",
		},
		fixes: []Fix{
			{IT, "Allow outside or unauthenticated senders for that group, or add the machine's sender to its allow list."},
			{Controls, "Until then, name the people one by one."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.8", "list of extended SMTP codes"}, see: []string{"enhanced/2.4", "enhanced/7.1", "basic/550"},
	}},
	{"7.3", entry{
		id: "enhanced/7.3", title: "protection can't be carried over",
		meaning: "The mail is protected in one way, the next system needs another, and nobody on the way can change the one into the other.",
		causes: []string{
			"An encrypted or signed mail reached a gateway that has no key to open and re-sign it.",
		},
		fixes: []Fix{
			{IT, "Give that gateway the keys it needs, or route this sender's mail past it."},
			{Operator, "Switch off encryption in the device's scan-to-mail settings and send again, if the content allows it."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.8", "list of extended SMTP codes"}, see: []string{"enhanced/7.5", "enhanced/6.2"},
	}},
	{"7.4", entry{
		id: "enhanced/7.4", title: "security feature not there",
		meaning: "The client asked for a way of logging in or of protecting the mail that the server doesn't have.",
		causes: []string{
			"The login mechanism isn't one of those that the server lists.",
			"The mail needs end-to-end protection that the system doesn't know.",
		},
		fixes: []Fix{
			{IT, "Choose one of the mechanisms in the server's AUTH line; PLAIN over TLS is nearly always among them."},
			{Operator, "On the device set the authentication method to automatic, LOGIN or PLAIN, and TLS to on."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.8", "RFC 4954", "list of extended SMTP codes"}, see: []string{"basic/504", "enhanced/7.6", "enhanced/7.9"},
	}},
	{"7.5", entry{
		id: "enhanced/7.5", title: "decryption or check of a signature failed",
		meaning: "A system that should decrypt the mail or test its signature couldn't, though it knows the method.",
		causes: []string{
			"A key or certificate has expired, or is missing where it is needed.",
			"The TLS handshake between two servers failed on a certificate or its name.",
		},
		fixes: []Fix{
			{IT, "Check the date, the name and the chain of the certificates on both servers, and the server's clock with them."},
			{Provider, "If the faulty certificate is the recipient's, its administrator has to renew it."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.8", "list of extended SMTP codes"}, see: []string{"enhanced/7.6", "enhanced/7.7", "basic/454"},
	}},
	{"7.6", entry{
		id: "enhanced/7.6", title: "cipher or algorithm not supported",
		meaning: "The mail or the connection uses a cryptographic method that the other side doesn't have or has retired.",
		causes: []string{
			"An old device offers nothing newer than SSL 3 or TLS 1.0, and the server takes TLS 1.2 and up.",
			"A signature was made with a method, such as SHA-1, that is no longer trusted.",
		},
		fixes: []Fix{
			{IT, "Don't open the server to old ciphers for one printer. Put a relay beside it that takes its mail on the plant network and speaks modern TLS onwards."},
			{Operator, "Look for newer firmware for the device; makers have added TLS 1.2 to many."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.8", "list of extended SMTP codes"}, see: []string{"enhanced/7.5", "enhanced/7.4"},
	}},
	{"7.7", entry{
		id: "enhanced/7.7", title: "content was changed on the way",
		meaning: "A check sum or signature shows that the mail isn't what the sender sent off.",
		causes: []string{
			"A scanner or disclaimer tool altered the text after it had been signed.",
			"The mail was damaged in transfer, which is rare today.",
		},
		fixes: []Fix{
			{IT, "Put the signing last: behind the virus scanner, and behind whatever adds a footer."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3463 section 3.8", "list of extended SMTP codes"}, see: []string{"enhanced/7.5", "enhanced/7.20"},
	}},
	{"7.8", entry{
		id: "enhanced/7.8", title: "user name or password wrong",
		meaning: "The server checked the login and turned it down.",
		causes: []string{
			"The password was changed, has expired, or was typed wrongly on a small panel.",
			"The user name is short where a full mail address is wanted.",
			"The provider wants an app password, and got the one for the screen.",
		},
		fixes: []Fix{
			{Operator, "Enter name and password afresh in the device; don't trust the dots that are already in the field."},
			{IT, "Make a machine account whose password doesn't run out, with an app password where the provider has them."},
			{Controls, "Wait some minutes between tries, since several wrong ones in a row lock the account."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 4954 section 6"}, see: []string{"basic/535", "enhanced/7.9", "enhanced/7.13"},
	}},
	{"7.9", entry{
		id: "enhanced/7.9", title: "login mechanism too weak",
		meaning: "The server judges the chosen way of logging in as too weak for this account.",
		causes: []string{
			"The account demands a token or an app password, and a plain password was tried.",
			"The mechanism is an old one that the server's owner has ruled out.",
		},
		fixes: []Fix{
			{IT, "Create an app password for the account and enter it in the place of the old one."},
			{Operator, "Take the strongest method that the device's menu has: OAuth before LOGIN, and TLS in any case."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 4954 section 6"}, see: []string{"basic/534", "enhanced/7.8", "enhanced/7.11"},
	}},
	{"7.10", entry{
		id: "enhanced/7.10", title: "encrypted line needed",
		meaning: "The server deals with you only over TLS, whatever you may want of it.",
		causes: []string{
			"The device sends in the clear, because TLS is off or because it has none.",
			"A firewall in between strips STARTTLS from the server's offer.",
		},
		fixes: []Fix{
			{Operator, "Turn on STARTTLS at port 587, or SSL at port 465, in the device."},
			{IT, "For an ECOM100, which can't encrypt, take the mail on a relay in the same network and encrypt from there."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 5248"}, see: []string{"basic/523", "basic/530", "enhanced/7.11"},
	}},
	{"7.11", entry{
		id: "enhanced/7.11", title: "this login only over encryption",
		meaning: "The mechanism sends the password readable, so the server permits it under TLS alone.",
		causes: []string{
			"The client logs in before it has begun TLS.",
			"The client's TLS setting is optional, and it quietly went on without.",
		},
		fixes: []Fix{
			{IT, "Set TLS to required in the client, so that a failure shows itself and the password never goes out in the clear."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 4954 section 6"}, see: []string{"basic/538", "basic/524", "enhanced/7.10"},
	}},
	{"7.12", entry{
		id: "enhanced/7.12", title: "password has to be changed over",
		meaning: "The account's password is stored in a form that this mechanism can't use. After one login of the old kind, or a new password, it can.",
		causes: []string{
			"Accounts were brought over from another system and nobody has logged in since.",
		},
		fixes: []Fix{
			{IT, "Set the password of that account anew, the same one if policy lets you, or log in once by PLAIN over TLS."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 4954 section 6"}, see: []string{"basic/432", "basic/422", "enhanced/7.8"},
	}},
	{"7.13", entry{
		id: "enhanced/7.13", title: "account switched off",
		meaning: "The login is for an account that may not be used at present, although its password may be right.",
		causes: []string{
			"The account was closed with its owner's departure, and the machine had been using it all along.",
			"A lock fell after wrong passwords, or a licence ran out.",
		},
		fixes: []Fix{
			{IT, "Open the account again for the moment, then move the machine to an account of its own."},
			{Provider, "Ask the provider whether it was they who closed it, and on what ground."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 5248"}, see: []string{"basic/525", "enhanced/7.8", "enhanced/2.1"},
	}},
	{"7.14", entry{
		id: "enhanced/7.14", title: "trust between two systems is missing",
		meaning: "The server has to ask a third system about this account, and that system doesn't trust it or isn't set up for it.",
		causes: []string{
			"The join to the company directory, or to another mail store, has lapsed.",
			"The account lives in a domain that the mail server has no trust with.",
		},
		fixes: []Fix{
			{IT, "Renew the trust, the shared secret or the certificate between the mail server and the directory, then try one login."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 5248"}, see: []string{"basic/535", "basic/554", "enhanced/7.8"},
	}},
}
