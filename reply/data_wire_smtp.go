package reply

// wireSMTP is faults in the conversation that clients and relays put in words of
// their own.
var wireSMTP = []textRule{
	{
		provider: "any",
		entry: entry{
			id: "smtp/end-unsure", title: "lost at the end of the mail",
			meaning: "The whole mail was sent, and the answer to its end never came. The receiving server may have it, so another attempt can deliver it twice.",
			causes: []string{
				"The receiving server's spam and virus checks take longer than the sender waits.",
				"A firewall with a short idle time cut the connection while the server was at work.",
				"Large mails get stuck on a path with a wrong MTU.",
			},
			fixes: []Fix{
				{IT, "Raise the sender's time for the end of data to the ten minutes that RFC 5321 asks for (smtp_data_done_timeout in Postfix)."},
				{Provider, "Look on the receiving side at how long the checks take after the final dot."},
				{IT, "Where only large mails fail, test the path's MTU."},
			},
			retry: RetryLater, sources: []string{"Postfix", "RFC 5321 section 4.5.3.2.6"}, see: []string{"ecom/18"},
		},
		any: []string{"message may be sent more than once", "sending end of data"},
	},
	{
		provider: "any",
		entry: entry{
			id: "smtp/greeting-timeout", title: "no greeting from the server in time",
			meaning: "The connection came about, but the server's 220 line never arrived.",
			causes: []string{
				"The server waits on purpose, or looks up the client's address in a DNS that doesn't answer.",
				"A firewall accepts connections in the server's name and passes nothing on.",
				"The port begins with TLS, and the server waits for the client to speak.",
			},
			fixes: []Fix{
				{IT, "Time it by hand with nc HOST 25; a greeting after 20 or 30 seconds is slow reverse DNS."},
				{IT, "Many access providers close port 25 to the outside in this way; use 587 with a login."},
				{Controls, "For a controller, set its timeout above the wait, and rehearse with rungmail try examples/widget-report.rll --fail greeting=stall."},
			},
			retry: RetryLater, sources: []string{"Postfix", "RFC 5321 section 4.5.3.2.1"}, see: []string{"ecom/12", "tls/plain-port"},
		},
		any: []string{
			"timed out while receiving the initial server greeting", "timed out waiting for greeting", "greeting never received",
			"greeting timeout",
		},
	},
	{
		provider: "any",
		entry: entry{
			id: "smtp/greeting-lost", title: "hung up before the greeting",
			meaning: "The server, or something in front of it, took the connection and closed it before any greeting.",
			causes: []string{
				"The server doesn't accept this client's address and doesn't say so.",
				"The server is at its limit of connections.",
				"The port is one for TLS from the start, and the client began in plain text.",
			},
			fixes: []Fix{
				{IT, "Look up the client's address in the server's and the firewall's log; allow it there."},
				{IT, "Check port and mode; an end of file right at the start on 465 means that TLS is missing."},
				{Controls, "See whether too many controllers send at the same second, and spread them."},
			},
			retry: RetryLater, sources: []string{"Postfix", "Jakarta Mail"}, see: []string{"ecom/20", "tls/wrapper-mode"},
		},
		any: []string{"while receiving the initial server greeting", "response: -1", "bad greeting from smtp host", "before greeting", "no greeting"},
	},
	{
		provider: "any",
		entry: entry{
			id: "smtp/stage-timeout", title: "server stopped answering",
			meaning: "The conversation had begun, and then the server didn't answer one of the commands in time; the line says after which.",
			causes: []string{
				"The server is overloaded, or looks something up that takes too long.",
				"A greylisting or tarpitting filter slows this client down.",
				"The path between the two loses packets.",
			},
			fixes: []Fix{
				{IT, "Note the command it hangs on: MAIL points at checks of the sender, RCPT at those of the recipient, DATA at filters."},
				{IT, "Compare with the server's own log whether the command got there at all."},
				{Controls, "A module reports the same step as the last digit of 12 to 18; rehearse it with rungmail try examples/widget-report.rll --fail rcpt=stall."},
			},
			retry: RetryLater, sources: []string{"Postfix", "RFC 5321 section 4.5.3.2"}, see: []string{"ecom/13", "ecom/14", "tcp/read-timeout"},
		},
		any: []string{"timed out while sending", "timed out while performing", "timed out while receiving", "timed out while waiting"},
	},
	{
		provider: "any",
		entry: entry{
			id: "smtp/client-left", title: "the client hung up",
			meaning: "A line of the server's log: the client ended the connection without QUIT, or fell silent. The fault is on the sending side.",
			causes: []string{
				"A device tests the port and goes away, as a monitoring probe does.",
				"The client's own timeout is shorter than the server's checks.",
				"The client wants TLS or a login that this server doesn't offer, and leaves after EHLO.",
				"The machine lost power or network in between.",
			},
			fixes: []Fix{
				{IT, "See after which command it left: after CONNECT is a probe, after STARTTLS a certificate, after DATA a time limit."},
				{Controls, "Raise the timeout of the module or device whose address stands in the line."},
				{IT, "Take the address of your own monitoring out of the warnings."},
			},
			retry: RetryLater, sources: []string{"Postfix"}, see: []string{"ecom/20", "tls/alert-unknown-ca"},
		},
		any: []string{
			"lost connection after", "timeout after connect", "timeout after ehlo", "timeout after helo", "timeout after auth",
			"timeout after mail", "timeout after rcpt", "timeout after data", "timeout after end-of-message", "timeout after starttls",
			"timeout after rset",
		},
	},
	{
		provider: "any",
		entry: entry{
			id: "smtp/utf8-not-offered", title: "address needs SMTPUTF8",
			meaning: "An address has letters beyond ASCII, and the server doesn't offer the extension that carries them.",
			causes: []string{
				"An umlaut or accent slipped into an address, or a blank or dash that only looks like the plain one.",
				"The recipient's address really is an international one, and a server on the way is too old for it.",
			},
			fixes: []Fix{
				{Controls, "Type the address anew on a plain keyboard layout, and don't paste it from a document."},
				{IT, "Update the relay to one with SMTPUTF8, or use the recipient's plain address."},
			},
			retry: RetryChange, sources: []string{"RFC 6531", "Python smtplib", "Postfix"}, see: []string{"enhanced/6.7"},
		},
		any: []string{"smtputf8", "internationalized email"},
	},
	{
		provider: "any",
		entry: entry{
			id: "smtp/no-auth-offered", title: "server offers no login",
			meaning: "The client is to log in, and the server's answer to EHLO offers no AUTH.",
			causes: []string{
				"The server offers AUTH only after STARTTLS, and the client didn't switch to TLS.",
				"It is port 25, where mail from other servers comes in; logins are on 587 or 465.",
				"The relay takes mail by address, without any login.",
			},
			fixes: []Fix{
				{IT, "Use port 587 with STARTTLS, or 465 with TLS, for anything that logs in."},
				{IT, "Where the server takes mail by the client's address, leave user and password empty."},
				{Controls, "An ECOM100 never logs in; its server must allow the module's address."},
			},
			retry: RetryChange, sources: []string{"RFC 4954 section 3", "Python smtplib", "Go package net/smtp", "swaks"}, see: []string{"basic/530", "tls/starttls-missing"},
		},
		any: []string{
			"smtp auth extension not supported", "doesn't support auth", "does not support auth", "did not advertise auth",
			"authentication not supported", "smtpnotsupportederror: smtp auth", "does not offer auth", "does not support smtp auth",
			"auth not offered",
		},
	},
	{
		provider: "any",
		entry: entry{
			id: "smtp/no-mechanism", title: "no way of logging in shared",
			meaning: "Client and server both know logins, but no mechanism (PLAIN, LOGIN, CRAM-MD5, XOAUTH2 and so on) is allowed on both sides.",
			causes: []string{
				"Without TLS the client won't send a password in the clear, and the server has no other mechanism.",
				"The server takes OAuth alone now, and the device only knows a password.",
				"On Linux the Cyrus SASL plug-ins are missing.",
			},
			fixes: []Fix{
				{IT, "Switch TLS on; PLAIN and LOGIN are allowed then."},
				{IT, "For Postfix as a client, install libsasl2-modules and set smtp_sasl_security_options = noanonymous."},
				{IT, "For OAuth-only servers, let the device send to a relay of your own."},
			},
			retry: RetryChange, sources: []string{"RFC 4954", "Postfix", "msmtp", "Jakarta Mail"}, see: []string{"basic/504", "basic/534"},
		},
		any: []string{
			"no mechanism available", "no worthy mechs", "no suitable authentication method", "no authentication mechanisms supported by both",
			"no authentication mechanisms in common", "authentication mechanisms in common", "requested type not available",
			"cannot use a secure authentication method", "no supported authentication method", "no auth mechanism", "unsupported auth mechanism",
			"mechanism not supported by",
		},
	},
	{
		provider: "any",
		entry: entry{
			id: "smtp/auth-unencrypted", title: "login refused without TLS",
			meaning: "The program has a password to send and the connection isn't encrypted, so it stopped before sending it.",
			causes: []string{
				"STARTTLS wasn't offered, or the program wasn't told to use it.",
				"The server's name in the login isn't the one that was connected to.",
			},
			fixes: []Fix{
				{Controls, "In a Go program, call StartTLS before Auth, and give PlainAuth the host name that you dial."},
				{IT, "Have the server offer STARTTLS; never switch this guard off on a network with others on it."},
			},
			retry: RetryChange, sources: []string{"Go package net/smtp", "RFC 4954 section 4"}, see: []string{"smtp/no-auth-offered"},
		},
		any: []string{"unencrypted connection", "smtp: wrong host name", "refusing to send password", "password in plain text", "insecure channel"},
	},
	{
		provider: "any",
		entry: entry{
			id: "smtp/login-denied", title: "login refused",
			meaning: "The server didn't accept the login. Which reason it has stands in its own reply, if the line has one.",
			causes: []string{
				"User name or password is wrong; often the user must be the whole mail address.",
				"The provider wants an app password or OAuth in the place of the account's password.",
				"The account is locked, has a new password, or mustn't use SMTP.",
			},
			fixes: []Fix{
				{IT, "Log in by hand with swaks --auth LOGIN --tls --server HOST:587, and read the full reply of the server."},
				{IT, "Make an app password for the device, or allow SMTP AUTH for this one mailbox."},
				{Operator, "Enter the password again on the device; many panels cut long ones short or confuse capitals."},
			},
			retry: RetryChange, sources: []string{"RFC 4954", "curl manual", "Postfix", "Jakarta Mail"}, see: []string{"basic/535", "basic/534"},
		},
		any: []string{
			"curl: (67)", "login denied", "sasl authentication failed", "authenticationfailedexception", "smtpauthenticationerror",
			"no authentication type succeeded", "authentication failed (method",
		},
	},
	{
		provider: "any",
		entry: entry{
			id: "smtp/inspected", title: "a firewall rewrites SMTP",
			meaning: "The greeting or a command is full of stars or letters X: a firewall between the two inspects SMTP and masks what it doesn't like.",
			causes: []string{
				"A Cisco PIX or ASA has smtp fixup or ESMTP inspection on.",
				"Another firewall has an SMTP application gateway (ALG) on.",
			},
			fixes: []Fix{
				{IT, "Take inspect esmtp (no fixup protocol smtp on a PIX) out of the policy for this connection."},
				{IT, "Compare the greeting on both sides of the firewall; it must be the same text."},
			},
			retry: RetryChange, sources: []string{"RFC 5321 section 4.1.1.1", "Postfix"}, see: []string{"tls/starttls-missing", "ecom/22"},
		},
		any: []string{"220 ***", "220-***", "xxxxxxxa", "unrecognized: \"xxxx", "command \"xxxx", "command: xxxx"},
	},
	{
		provider: "any",
		entry: entry{
			id: "smtp/empty-reply", title: "connected and no answer at all",
			meaning: "The connection came about, and the other end closed it without sending anything.",
			causes: []string{
				"The service on that port is another one, or crashed on the first command.",
				"A proxy or firewall took the connection and has nothing behind it.",
			},
			fixes: []Fix{
				{IT, "See which program listens: ss -ltnp on Linux, netstat -abn on Windows."},
				{IT, "Connect to the mail server by its own address, past the load balancer or proxy."},
			},
			retry: RetryLater, sources: []string{"curl manual", "msmtp"}, see: []string{"smtp/greeting-lost"},
		},
		any: []string{"empty reply", "curl: (52)"},
	},
	{
		provider: "any",
		entry: entry{
			id: "smtp/bad-reply", title: "answer isn't SMTP",
			meaning: "Something answered, but not with lines that begin with a three-digit code.",
			causes: []string{
				"The port belongs to another service: a web server, SSH, a login prompt of a controller.",
				"A proxy or captive portal answers in the server's place.",
				"Line noise or a broken server mixes up its lines.",
			},
			fixes: []Fix{
				{IT, "Connect by nc HOST PORT and read: a mail server says 220 and its name."},
				{Controls, "Check the port in the set-up, 25 as a rule; an ECOM100 gives code 23 here."},
				{Controls, "See how the program takes it with rungmail try examples/widget-report.rll --fail greeting='hello'."},
			},
			retry: RetryChange, sources: []string{"RFC 5321 section 4.2", "Go package net/textproto", "curl manual"}, see: []string{"ecom/23"},
		},
		any: []string{
			"weird server reply", "curl: (8)", "short response", "invalid response code", "malformed response", "malformed mime header",
			"not an smtp server", "invalid smtp response", "protocol error: bad reply", "unrecognized response", "unparseable reply",
		},
	},
	{
		provider: "any",
		entry: entry{
			id: "smtp/loops-back", title: "mail would come back to this server",
			meaning: "The relay found that the recipient's domain leads back to itself, and it isn't set up to be that domain's end.",
			causes: []string{
				"The domain's MX points at this server, which doesn't know that the domain is its own.",
				"Two servers each think that the other one has the mailbox.",
			},
			fixes: []Fix{
				{IT, "Add the domain to mydestination or the virtual domains of this server, or name the true mail server in its transport map."},
				{IT, "Behind an address translation, list the public address in proxy_interfaces."},
			},
			retry: RetryChange, sources: []string{"Postfix", "RFC 5321 section 6.3"}, see: []string{"enhanced/4.6"},
		},
		any: []string{"loops back to myself", "mail forwarding loop", "mail loop detected", "too many hops"},
	},
	{
		provider: "any",
		entry: entry{
			id: "smtp/transport-unavailable", title: "part of the relay isn't running",
			meaning: "Postfix wanted to hand the mail to one of its own parts or to a filter, and that isn't there.",
			causes: []string{
				"A name in master.cf or in the transport map is misspelt.",
				"The content filter (amavis, rspamd, a milter) is down.",
			},
			fixes: []Fix{
				{IT, "Read the relay's log just above: it names the missing service or the process that died."},
				{IT, "Start the filter, then have the queue tried again with postqueue -f."},
			},
			retry: RetryLater, sources: []string{"Postfix"}, see: []string{"basic/451"},
		},
		any: []string{
			"mail transport unavailable", "unknown mail transport error", "service unavailable - try again later", "milter-reject: unavailable",
			"content filter unavailable",
		},
	},
	{
		provider: "any",
		entry: entry{
			id: "smtp/disconnected", title: "server hung up in the conversation",
			meaning: "The conversation had begun, and the server closed the connection without a reply to the last command.",
			causes: []string{
				"The server dropped the client for a policy: a block list, a limit of connections, a bad HELO name.",
				"The server's process crashed or was restarted.",
				"A firewall or a virus scanner on the PC ended the connection.",
			},
			fixes: []Fix{
				{IT, "Look in the server's log for this client's address; the reason stands there and not in the client's line."},
				{Controls, "Read the last command before it in the trace; an ECOM100 gives code 20 for this."},
				{IT, "Send by hand from the same address with rungmail send --server ADDRESS:25 --from plc@example.com --to you@example.com, to see whether it is the client or the mail."},
				{IT, "Switch the mail scanner of the PC's virus protection off for a test."},
			},
			retry: RetryLater, sources: []string{"Python smtplib", "Postfix", "swaks"}, see: []string{"ecom/20", "basic/421", "tcp/reset"},
		},
		any: []string{
			"lost connection with", "connection unexpectedly closed", "smtpserverdisconnected", "remote host closed connection unexpectedly",
			"server closed the connection", "server dropped connection", "server unexpectedly disconnected", "connection closed by foreign host",
			"connection dropped by server", "server closed connection", "connection closed by remote", "server disconnected",
		},
		none: []string{"closed: timed out", "operation timed out"},
	},
}
