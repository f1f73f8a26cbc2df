package reply

// wireMailers is what PHPMailer, nodemailer and Outlook say in words or numbers of
// their own. They come after the rules that know the cause behind it.
var wireMailers = []textRule{
	{
		provider: "PHPMailer",
		entry: entry{
			id: "phpmailer/authenticate", title: "PHPMailer couldn't log in",
			meaning: "PHPMailer reached the server and got no login accepted. This sentence leaves out the server's own reason.",
			causes: []string{
				"Username or Password in the script isn't what the provider takes, which may be an app password.",
				"The provider has ended logins by password for this account.",
				"SMTPAuth is on for a server that offers no login.",
			},
			fixes: []Fix{
				{IT, "Set $mail->SMTPDebug = 2, send once more, and give the server's line that begins with 5 to rungmail explain."},
				{IT, "Use the account's app password, or set AuthType to XOAUTH2 where the provider wants OAuth."},
			},
			retry: RetryChange, sources: []string{"PHPMailer wiki, Troubleshooting"}, see: []string{"basic/535", "smtp/login-denied"},
		},
		any: []string{"smtp error: could not authenticate"},
	},
	{
		provider: "PHPMailer",
		entry: entry{
			id: "phpmailer/connect", title: "PHPMailer got no connection",
			meaning: "PHPMailer couldn't open a conversation with the server: connecting, the greeting, TLS or the login failed, and the sentence is the same for all four.",
			causes: []string{
				"The web host lets no script out on ports 25, 465 and 587.",
				"Host or Port is wrong, or SMTPSecure doesn't suit the port: ssl belongs to 465, tls to 587.",
				"PHP finds the server's certificate wrong.",
			},
			fixes: []Fix{
				{IT, "Set $mail->SMTPDebug = 3 and read what comes before this line; it names the step that failed."},
				{IT, "Ask the web host whether scripts may send to other mail servers, or use the relay that it names."},
			},
			retry: RetryChange, sources: []string{"PHPMailer wiki, Troubleshooting"}, see: []string{"tcp/connect-failed", "phpmailer/authenticate"},
		},
		any: []string{"smtp connect() failed"},
	},
	{
		provider: "PHPMailer",
		entry: entry{
			id: "phpmailer/data", title: "PHPMailer's mail was refused at its end",
			meaning: "Sender and recipients were taken, and then the server refused DATA or the mail itself. Why stands in the server's reply, which this line doesn't show.",
			causes: []string{
				"The From address isn't one that the account may use.",
				"A filter took the content or an attachment for spam, or the mail is too large.",
				"The account has sent as much as it may for now.",
			},
			fixes: []Fix{
				{IT, "Print $mail->ErrorInfo with SMTPDebug = 2; the code after DATA END is what counts."},
				{IT, "Call setFrom with the address of the account that logs in, and send a short test without attachments."},
			},
			retry: RetryChange, sources: []string{"PHPMailer wiki, Troubleshooting"}, see: []string{"basic/554", "generic/sender-not-yours"},
		},
		any: []string{"data not accepted"},
	},
	{
		provider: "nodemailer",
		entry: entry{
			id: "nodemailer/credentials", title: "nodemailer has no user name or password",
			meaning: "nodemailer was to log in and had nothing to log in with, so it stopped; the server hasn't refused anything.",
			causes: []string{
				"The environment variable that holds user or password is empty where the program runs, as in a service or container.",
				"The options are named otherwise: they belong under auth as user and pass.",
				"The auth object is there for a relay that needs no login.",
			},
			fixes: []Fix{
				{Controls, "In Node-RED, open the e-mail node and fill in Userid and Password again: they don't come along with an imported flow."},
				{IT, "Print whether auth.user and auth.pass are set, without their values, just before sending."},
				{IT, "For a relay that trusts the address, leave auth out altogether."},
			},
			retry: RetryChange, sources: []string{"nodemailer documentation, SMTP transport"}, see: []string{"smtp/login-denied"},
		},
		any: []string{"missing credentials for"},
	},
	{
		provider: "Outlook",
		entry: entry{
			id: "outlook/busy", title: "Outlook: the server is busy",
			meaning: "0x800CCC0B: the mail server told Outlook that it is too busy to go on.",
			causes: []string{
				"The server is at its limit of connections or of load.",
				"Another program on this PC has the same mailbox open.",
			},
			fixes: []Fix{
				{Operator, "Wait some minutes and press Send/Receive again."},
				{IT, "If it stays, look at the number of connections from this PC in the server's log."},
			},
			retry: RetryLater, sources: []string{"Microsoft Support, list of error codes in Outlook and Outlook Express"}, see: []string{"basic/421"},
		},
		any: []string{"0x800ccc0b"},
	},
	{
		provider: "Outlook",
		entry: entry{
			id: "outlook/host-not-found", title: "Outlook: no such server",
			meaning: "0x800CCC0D: Outlook found no address for the name of the mail server that is set in the account.",
			causes: []string{
				"The name of the outgoing server is misspelt in the account.",
				"The PC is offline, or its DNS doesn't know the name.",
			},
			fixes: []Fix{
				{Operator, "See whether the PC reaches anything else on the network."},
				{IT, "Compare the outgoing server in the account settings with the provider's page, then ask nslookup for it on that PC."},
			},
			retry: RetryChange, sources: []string{"Microsoft Support, list of error codes in Outlook and Outlook Express"}, see: []string{"dns/not-found"},
		},
		any: []string{"0x800ccc0d"},
	},
	{
		provider: "Outlook",
		entry: entry{
			id: "outlook/no-connection", title: "Outlook: no connection to the server",
			meaning: "0x800CCC0E: Outlook knows the server's address and got no connection to its port.",
			causes: []string{
				"The port in the account is wrong, or blocked by the access provider: 25 often is.",
				"A virus scanner that checks mail sits between and has failed.",
				"The server is down.",
			},
			fixes: []Fix{
				{IT, "Set the outgoing server to port 587 with STARTTLS and a login, if the provider offers it."},
				{IT, "Note the Socket Error number beside it, if there is one, and give it to rungmail explain."},
			},
			retry: RetryChange, sources: []string{"Microsoft Support, list of error codes in Outlook and Outlook Express"}, see: []string{"tcp/connect-failed", "tcp/refused", "tcp/timeout"},
		},
		any: []string{"0x800ccc0e"},
	},
	{
		provider: "Outlook",
		entry: entry{
			id: "outlook/dropped", title: "Outlook: the connection broke",
			meaning: "0x800CCC0F: Outlook was connected, and the connection ended before the mail was through.",
			causes: []string{
				"A virus scanner or firewall cut it, often at a large attachment.",
				"The server closed it: encryption that doesn't suit the port, or a limit.",
			},
			fixes: []Fix{
				{IT, "Switch off the scanner's check of outgoing mail, and try again."},
				{IT, "Check that the kind of encryption in the account suits the port: TLS for 465, STARTTLS for 587."},
				{Operator, "Try a mail without its attachment."},
			},
			retry: RetryYes, sources: []string{"Microsoft Support, list of error codes in Outlook and Outlook Express"}, see: []string{"smtp/disconnected", "tcp/reset"},
		},
		any: []string{"0x800ccc0f"},
	},
	{
		provider: "Outlook",
		entry: entry{
			id: "outlook/timeout", title: "Outlook: the server didn't answer in time",
			meaning: "0x800CCC19: Outlook waited for an answer of the server for as long as the account's timeout says, and none came.",
			causes: []string{
				"The server or a scanner between takes long over a large mail.",
				"The account's port and encryption don't go together, so that both sides wait.",
			},
			fixes: []Fix{
				{IT, "Raise Server Timeouts under the account's advanced settings, and check port and encryption there."},
				{Operator, "Delete or shrink the large mail that waits in the Outbox."},
			},
			retry: RetryLater, sources: []string{"Microsoft Support, list of error codes in Outlook and Outlook Express"}, see: []string{"tcp/read-timeout"},
		},
		any: []string{"0x800ccc19"},
	},
	{
		provider: "Outlook",
		entry: entry{
			id: "outlook/unavailable", title: "Outlook: the server answered 421",
			meaning: "0x800CCC67: the server said 421, that it isn't available now, and ended the conversation.",
			causes: []string{
				"The server is being restarted, or it limits connections from this address.",
				"The virus scanner on the PC answers in the server's place.",
			},
			fixes: []Fix{
				{Operator, "Try again after a quarter of an hour."},
				{IT, "Compare with a PC on which no scanner looks at mail."},
			},
			retry: RetryLater, sources: []string{"Microsoft Support, list of error codes in Outlook and Outlook Express"}, see: []string{"basic/421"},
		},
		any: []string{"0x800ccc67"},
	},
	{
		provider: "Outlook",
		entry: entry{
			id: "outlook/recipients-refused", title: "Outlook: the server refused the recipients",
			meaning: "0x800CCC79: the server took the sender and refused one or all of the recipients, most often since it won't pass mail on without a login.",
			causes: []string{
				"The account doesn't log in to the outgoing server.",
				"A recipient's address is wrong.",
			},
			fixes: []Fix{
				{Operator, "Tick My outgoing server requires authentication in the account's settings."},
				{IT, "Read the Server Response in the message and give it to rungmail explain; it says which of the two it is."},
			},
			retry: RetryChange, sources: []string{"Microsoft Support, list of error codes in Outlook and Outlook Express"}, see: []string{"basic/550", "generic/relaying-denied"},
		},
		any: []string{"0x800ccc79"},
	},
}

// wireOuter is the sentences that .NET and Java put around any failure. They come
// last: whatever else is known of the line says more.
var wireOuter = []textRule{
	{
		provider: "any",
		entry: entry{
			id: "smtp/secure-or-login", title: "server wants TLS or a login first",
			meaning: ".NET puts its own sentence around the server's refusal: no mail without TLS or without a login. The server's words stand behind it.",
			causes: []string{
				"EnableSsl is off, so the client never sends STARTTLS.",
				"The credentials are missing, or UseDefaultCredentials was set after them and wiped them out.",
				"The account isn't allowed to log in by password (app password, SMTP AUTH switched off).",
			},
			fixes: []Fix{
				{Controls, "In the HMI script or .NET program, set EnableSsl to true and port 587, then UseDefaultCredentials to false, then Credentials."},
				{IT, "Check for the account whether SMTP AUTH is allowed and whether it needs an app password."},
				{IT, "Or send through a relay in the plant, which logs in for all devices."},
			},
			retry: RetryChange, sources: []string{".NET System.Net.Mail", "RFC 4954"}, see: []string{"basic/530", "basic/535"},
		},
		any:  []string{"requires a secure connection or the client was not authenticated", "erfordert eine sichere verbindung"},
		none: []string{"response was: 5.", "response was: 4."}, // the server's own words say more
	},
	{
		provider: "any",
		entry: entry{
			id: "smtp/sending-failed", title: "mail program gives no reason",
			meaning: "This is the outermost sentence of the mail program; what failed stands in the exception or line inside it.",
			causes: []string{
				"The program logs only the outer message and drops the inner one.",
				"No connection, no login or no TLS: the sentence is the same for all.",
			},
			fixes: []Fix{
				{Controls, "Let the program log the inner exception too: ex.ToString() in .NET, printStackTrace or the cause in Java."},
				{Controls, "Send with the same server and addresses by rungmail send --server ADDRESS:25 --from plc@example.com --to you@example.com; its trace says at which step it fails."},
			},
			retry: RetryChange, sources: []string{".NET System.Net.Mail", "Jakarta Mail"}, see: []string{"tcp/connect-failed", "smtp/secure-or-login"},
		},
		any: []string{
			"failure sending mail", "smtpexception", "messagingexception", "could not send mail", "unable to send mail", "mail could not be sent",
			"smtp exception", "fehler beim senden",
		},
		none: []string{"response was: 5.", "response was: 4."},
	},
}
