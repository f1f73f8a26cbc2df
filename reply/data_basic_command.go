package reply

// basicCommand is the refusals of commands, servers and logins: 500 to 538.
var basicCommand = []basicEntry{
	{500, entry{
		id: "basic/500", title: "command not understood",
		meaning: "The server can't make out the command, or the line was longer than it takes.",
		causes: []string{
			"The server is old and doesn't know EHLO, or a firewall in between has struck the command out as XXXX.",
			"The line is too long; a login token can go beyond the limit too.",
			"Text of the mail was read as a command, because the mail had been ended or broken off before.",
			"The thing that answers at that port is no mail server.",
		},
		fixes: []Fix{
			{Controls, "Look in the trace at the line that was sent just before: a stray quote, dollar sign or control character there came from the Subject or Body text."},
			{IT, "Switch off SMTP inspection (fixup) in the firewall between plant and server and try once more."},
			{IT, "If only EHLO is refused, let the client fall back to HELO."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 5321 section 4.2.3", "RFC 4954 section 6", "ECEMAIL theory of operation", "list of ESMTP status codes, 2002", "guide to SMTP and device error codes", "list of SMTP reply codes"}, see: []string{"basic/502", "enhanced/5.1", "enhanced/5.2", "enhanced/5.6"},
	}},
	{501, entry{
		id: "basic/501", title: "something wrong behind the command",
		meaning: "The server knows the command but not what stands behind it: an address, a name or an option.",
		causes: []string{
			"An address is malformed: a blank in it, a comma doubled, an angle bracket or the at sign missing.",
			"The name in HELO or EHLO doesn't suit the server, for instance a bare number or a name with an underscore.",
			"A poor line, with drop-outs as on old dial-up links, garbled the command on its way.",
			"Something was put behind a command that takes nothing, such as STARTTLS.",
			"The login was cancelled half-way, or its base64 is damaged.",
		},
		fixes: []Fix{
			{Controls, "Read the To line, the Cc list and the Sender Address in the e-mail set-up for blanks, stray commas and missing parts."},
			{IT, "If the reply comes right after HELO, let the server take a bare IP address there from the plant's network."},
			{Controls, "If it comes and goes with the same text, check cable, connectors and switch port for errors."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 5321 section 4.2.3", "RFC 3207 section 4", "RFC 4954 section 4", "ECEMAIL theory of operation", "list of ESMTP status codes, 2002", "guide to SMTP and device error codes", "list of SMTP reply codes"}, see: []string{"basic/553", "basic/555", "enhanced/1.3", "enhanced/5.4"},
	}},
	{502, entry{
		id: "basic/502", title: "command not built in",
		meaning: "The server doesn't carry this command out: it was never built in here, or has been switched off.",
		causes: []string{
			"VRFY, EXPN, TURN or ATRN has been left out on purpose.",
			"A small server in a device knows HELO only and takes EHLO or STARTTLS for unknown.",
			"A login was tried at a port on which the server offers none.",
			"The word that reached the server isn't one that it recognises.",
		},
		fixes: []Fix{
			{IT, "Turn off in the client what the server lacks: fall back to HELO, or use the submission port 587 if a login is wanted."},
			{Controls, "Check the SMTP port in the set-up: 25 is usual for a box, and another port may belong to another service."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 5321 section 4.2.4", "RFC 2645", "ECEMAIL theory of operation", "list of ESMTP status codes, 2002", "guide to SMTP and device error codes", "list of SMTP reply codes"}, see: []string{"basic/500", "basic/504", "enhanced/5.1"},
	}},
	{503, entry{
		id: "basic/503", title: "commands in the wrong order",
		meaning: "The server wasn't expecting that command at that point: an earlier step is missing or was refused.",
		causes: []string{
			"Every recipient was refused, yet the client went on to DATA; the true reason is one or two lines earlier.",
			"HELO, the login or the sender was skipped, or sent a second time.",
			"The server wants a login before it hears of a sender.",
			"The command was garbled or unknown to the server, so that the next one seemed out of place.",
			"The line dropped for an instant, or some other passing event upset the exchange; the same mail may go through the next time.",
			"A mail sent in chunks (BDAT) was mixed with DATA.",
		},
		fixes: []Fix{
			{Controls, "Go up in the trace to the first line that begins with 4 or 5, and mend that one."},
			{IT, "If no earlier step failed, have the server ask for no login from the module, or let a relay log in for it: an ECOM100 can't."},
			{Controls, "If it happens once in many mails, send again and keep an eye on the network's error counters."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 5321 section 4.1.4", "RFC 4954 section 4", "RFC 3030 section 2", "ECEMAIL theory of operation", "list of ESMTP status codes, 2002", "guide to SMTP and device error codes", "list of SMTP reply codes"}, see: []string{"basic/530", "basic/550", "basic/554", "enhanced/5.1"},
	}},
	{504, entry{
		id: "basic/504", title: "option or login mechanism not built in",
		meaning: "The server has the command but not this form of it.",
		causes: []string{
			"The login mechanism that the client chose isn't among those the server offers.",
			"The HELO name isn't a full one; some servers answer a bare host name so.",
			"An option was used that the server's greeting never offered.",
		},
		fixes: []Fix{
			{IT, "Read the AUTH line of the server's EHLO answer and set the client to one of the words in it."},
			{Controls, "Give the device a full name, such as press7.plant.example, if its settings have a field for it."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 5321 section 4.2.3", "RFC 4954 section 4", "ECEMAIL theory of operation", "list of ESMTP status codes, 2002", "guide to SMTP and device error codes", "list of SMTP reply codes"}, see: []string{"basic/334", "basic/534", "enhanced/7.4", "enhanced/5.4"},
	}},
	{521, entry{
		id: "basic/521", title: "this host takes no mail",
		meaning: "The machine answers at the mail port only to say that it takes no mail, or none from you as you come now. It may hang up at once.",
		causes: []string{
			"You have reached the wrong machine: a web server, a camera or a host that only sends.",
			"The server wants you to fetch mail by POP, with name and password, before it lets you send.",
			"The server wants your own mail address as the sender, and the From address is somebody else's.",
			"Postfix gives it to a client that ends its lines in the wrong way, with a bare line feed.",
		},
		fixes: []Fix{
			{Controls, "Compare the Server Address in the e-mail set-up with the address that IT has written down; one digit off is enough."},
			{Controls, "Make the Sender Address one that exists on that server."},
			{IT, "Where POP before sending is wanted, give the plant another way in: allow its IP address, or put a relay with a login in front."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 7504 section 3", "RFC 1846", "ECEMAIL theory of operation", "list of ESMTP status codes, 2002", "list of SMTP reply codes"}, see: []string{"basic/554", "basic/556", "basic/530", "enhanced/3.2"},
	}},
	{523, entry{
		id: "basic/523", title: "encryption needed",
		meaning: "The server wants an encrypted line before it goes on. The registry sets this number beside X.7.10.",
		causes: []string{
			"The server has been set to refuse plain connections, and STARTTLS wasn't sent.",
		},
		fixes: []Fix{
			{IT, "Turn TLS on in the sender. For a module that has none, set up a relay in the plant that takes plain mail from it and goes on encrypted."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 5248", "IANA registry of enhanced codes"}, see: []string{"basic/530", "enhanced/7.10"},
	}},
	{524, entry{
		id: "basic/524", title: "this login wants encryption (old number)",
		meaning: "An early number for a login that is allowed under encryption only; today servers say 538. The registry still pairs it with X.7.11.",
		causes: []string{
			"A password was offered on a plain line and the server won't have it in the clear.",
		},
		fixes: []Fix{
			{IT, "Set the sender to STARTTLS first and login after it, or to port 465 where the line is encrypted from the start."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 5248", "IANA registry of enhanced codes"}, see: []string{"basic/538", "enhanced/7.11"},
	}},
	{525, entry{
		id: "basic/525", title: "account disabled",
		meaning: "The account that logs in has been switched off. Name and password may be quite right.",
		causes: []string{
			"An administrator closed it, often because it belonged to somebody who left.",
			"It was locked after too many wrong passwords or on suspicion of misuse.",
		},
		fixes: []Fix{
			{IT, "Unlock the account, or better, make one for the machine alone that doesn't hang on a person."},
			{Controls, "Stop devices that still carry an old password, or they will lock the account again."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 5248", "IANA registry of enhanced codes"}, see: []string{"enhanced/7.13", "basic/535"},
	}},
	{530, entry{
		id: "basic/530", title: "log in or encrypt first",
		meaning: "The server lets nobody send before a login, or before STARTTLS. In old lists it simply reads: access denied.",
		causes: []string{
			"The server wants a name and password, and the sender gave none. A box can give none.",
			"The server wants STARTTLS before anything else.",
			"The login mechanism that was asked for may be used on an encrypted line only.",
			"An older Sendmail uses the number for a plain refusal of your address.",
			"A site asked by ATRN for its kept mail and hadn't logged in.",
		},
		fixes: []Fix{
			{IT, "Put a relay in the plant that takes mail from the module's IP address without a login and does TLS and login on its behalf."},
			{IT, "Or let the mail server take mail from the plant's addresses as they are, on a port that is closed to everyone else."},
			{Operator, "On a printer or panel with such settings, turn on SMTP authentication and TLS there."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 3207 section 4", "RFC 4954 section 6", "RFC 2645", "ECEMAIL theory of operation", "list of ESMTP status codes, 2002", "list of SMTP reply codes"}, see: []string{"basic/535", "basic/538", "basic/523", "enhanced/7.0"},
	}},
	{533, entry{
		id: "basic/533", title: "not permitted (rare)",
		meaning: "A rare number that the registry sets beside X.7.1: the server may not or will not do this for you.",
		causes: []string{
			"A rule of the server forbids this sender, this recipient or the two together.",
		},
		fixes: []Fix{
			{IT, "Search the server's rules and transport settings for the sender address; the reply's text often quotes the rule's name."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 5248", "IANA registry of enhanced codes"}, see: []string{"enhanced/7.1", "basic/550"},
	}},
	{534, entry{
		id: "basic/534", title: "this way of logging in is too weak",
		meaning: "The password may be right, but the server no longer accepts the way in which it is given.",
		causes: []string{
			"The provider wants an app password or a token (OAuth), and the device gave the account's ordinary password.",
			"CRAM-MD5, or LOGIN without encryption, has been ruled out by the server.",
		},
		fixes: []Fix{
			{IT, "Make an app password for the device where the provider offers one, and enter it without blanks."},
			{IT, "Where only tokens are taken, send through a relay that can get tokens; a PLC or a panel can't."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 4954 section 6", "ECEMAIL theory of operation", "list of SMTP reply codes"}, see: []string{"enhanced/7.9", "basic/535", "basic/538"},
	}},
	{535, entry{
		id: "basic/535", title: "login refused",
		meaning: "The server didn't accept the user name and password, or doesn't accept passwords from this account at all.",
		causes: []string{
			"The password is wrong or has been changed since the device was set up.",
			"Logging in with a password is switched off for the account or for the whole organisation.",
			"The user name must be the full mail address, or must not be.",
			"Second-factor sign-in is on, so that the ordinary password can't work from a machine.",
		},
		fixes: []Fix{
			{IT, "Try the same name and password in webmail. If they work there, look at the account's switch for SMTP login."},
			{Operator, "Type the password in anew on the device: some panels cut it after sixteen characters or swap the keyboard layout."},
			{Provider, "Ask the administrator of the mail service what it takes today: app password, token, or a fixed IP address without a login."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 4954 section 6"}, see: []string{"enhanced/7.8", "basic/534", "basic/525", "enhanced/7.14"},
	}},
	{538, entry{
		id: "basic/538", title: "encryption needed for this login",
		meaning: "The server takes this kind of login only when the line is encrypted.",
		causes: []string{
			"AUTH PLAIN or AUTH LOGIN was sent before STARTTLS, or without it.",
		},
		fixes: []Fix{
			{IT, "Change the order in the sender's settings: TLS required, then login. A device whose TLS is too old for the server needs a relay next to it."},
		},
		retry:   RetryChange,
		sources: []string{"RFC 4954 section 6", "ECEMAIL theory of operation", "list of SMTP reply codes"}, see: []string{"enhanced/7.11", "basic/530", "basic/524"},
	}},
}
