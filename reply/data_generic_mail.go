package reply

// genericMailRules is about the mail itself, amounts, and the server's own health.
var genericMailRules = []textRule{
	{
		provider: "any",
		any: []string{
			"message size", "message too large", "message too big", "message is too large", "message is too big",
			"size limit", "maximum size", "exceeds size", "too large for", "message exceeds", "mail too big",
			"mail too large", "exceeded maximum", "maximum message", "exceeds maximum", "exceeds the maximum",
			"email size", "attachment too",
		},
		entry: entry{
			id:      "generic/message-too-big",
			title:   "the mail is larger than the server takes",
			meaning: "The mail with its attachments is over the server's limit for one mail; packed attachments are a third larger than the file.",
			causes: []string{
				"A picture, video or export is attached.",
				"The server has an old limit of 10 MB or less.",
			},
			fixes: []Fix{
				{Controls, "Send a smaller picture, fewer records, or none and a path to the file."},
				{IT, "Raise the limit at the server, or set the plant relay's own below it, so that the device hears at once."},
			},
			retry:   RetryChange,
			sources: []string{"RFC 1870", "RFC 3463 section 3.3"},
			see:     []string{"enhanced/3.4", "enhanced/2.3", "basic/552"},
		},
	},
	{
		provider: "any",
		any: []string{
			"too many recipients", "too many rcpt", "recipient limit", "maximum number of recipients",
			"recipients limit", "exceeds recipient", "too many addresses",
		},
		entry: entry{
			id:      "generic/too-many-recipients",
			title:   "too many recipients in one mail",
			meaning: "One mail may name only so many recipients at this server, at least 100 by the standard; the rest should come in a second mail.",
			causes: []string{
				"A long list in To and Cc.",
				"A provider whose limit is lower, to hold spam down.",
			},
			fixes: []Fix{
				{IT, "Nothing, where a relay such as Postfix sends: it splits the mail and sends again."},
				{Controls, "Write to one list address in the place of many people."},
			},
			retry:   RetryYes,
			sources: []string{"RFC 5321 section 4.5.3.1.10", "list of ESMTP status codes, 2002"},
			see:     []string{"basic/452", "enhanced/5.3"},
		},
	},
	{
		provider: "any",
		any: []string{
			"too many connections", "too many concurrent", "too many simultaneous", "too many sessions",
			"connection limit", "maximum number of connections", "concurrent connections", "max connections",
			"connections from your", "too many smtp sessions", "too frequent connects", "connecting too",
		},
		entry: entry{
			id:      "generic/too-many-connections",
			title:   "too many connections at once",
			meaning: "The server holds as many connections as it wants from this client, or at all.",
			causes: []string{
				"Devices that keep connections open after the mail.",
				"All devices come by one address.",
			},
			fixes: []Fix{
				{Controls, "See that the device ends with QUIT and that its timeout isn't too long."},
				{IT, "Let a relay in the plant send for all with one or two connections; raise the limit if the server is yours."},
			},
			retry:   RetryLater,
			sources: []string{"list of ESMTP status codes, 2002", "RFC 5321 section 4.2.3"},
			see:     []string{"basic/421", "enhanced/4.5"},
		},
	},
	{
		provider: "any",
		any: []string{
			"too many messages", "messages per connection", "message per connection", "max message per",
			"messages per session", "max messages", "message limit per",
		},
		entry: entry{
			id:      "generic/too-many-messages",
			title:   "too many mails in one connection",
			meaning: "The server takes only so many mails in one connection, to share itself out among clients.",
			causes:  []string{"A queue is being emptied after a fault."},
			fixes:   []Fix{{IT, "Nothing: a good client opens a new connection and goes on. Lower the number of mails for each connection if the same comes often."}},
			retry:   RetryYes,
			sources: []string{"list of ESMTP status codes, 2002"},
			see:     []string{"basic/452", "basic/421"},
		},
	},
	{
		provider: "any",
		any: []string{
			"daily limit", "daily quota", "daily sending", "per day", "hourly limit", "per hour", "sending limit",
			"sending quota", "limit exceeded for today", "outgoing limit", "outbound limit",
		},
		entry: entry{
			id:      "generic/daily-limit",
			title:   "the limit for the day or hour is reached",
			meaning: "The account or address has sent as much as it may in the hour or the day.",
			causes: []string{
				"An alarm that repeats without end.",
				"A small plan at the provider.",
			},
			fixes: []Fix{
				{Controls, "Find the alarm that repeats; a lockout time of some minutes stops it."},
				{IT, "Ask for a larger limit, and let what matters go by a second upstream."},
			},
			retry:   RetryLater,
			sources: []string{"vendors' pages on sending limits"},
			see:     []string{"generic/rate-limit", "enhanced/7.1"},
		},
	},
	{
		provider: "any",
		any: []string{
			"rate limit", "ratelimit", "rate-limit", "throttl", "too fast", "too quickly", "sending too many",
			"too many mails", "too many emails", "too many e-mails", "too much mail", "message rate", "slow down",
			"rate exceeded", "excessive volume", "unusual volume", "exceeded rate",
		},
		entry: entry{
			id:      "generic/rate-limit",
			title:   "the server slows this sender down",
			meaning: "More came from this sender in a short time than the server likes.",
			causes: []string{
				"An alarm flood, or a queue that empties after a fault.",
				"Many devices that report on the same minute.",
			},
			fixes: []Fix{
				{IT, "Let the queue wait and send slower; set the relay's pace for this upstream below the limit."},
				{Controls, "Spread reports, and merge alarms that chatter."},
			},
			retry:   RetryLater,
			sources: []string{"list of ESMTP status codes, 2002"},
			see:     []string{"basic/421", "basic/450", "enhanced/7.28"},
		},
	},
	{
		provider: "any",
		any:      []string{"duplicate message", "too many duplicate", "duplicate mail", "identical message", "same message"},
		entry: entry{
			id:      "generic/duplicate",
			title:   "the same mail came too often",
			meaning: "The server has seen this mail, or one just like it, several times and takes it for spam or an error.",
			causes: []string{
				"A rung that sends on every scan, with the same text.",
				"A device that repeats the mail because it misses the server's OK.",
			},
			fixes: []Fix{
				{Controls, "Trigger the box by an edge, and put time or value into the subject so that mails differ."},
				{IT, "Raise the device's timeout if the server answers slowly."},
			},
			retry:   RetryChange,
			sources: []string{"list of ESMTP status codes, 2002"},
			see:     []string{"basic/557", "generic/rate-limit"},
		},
	},
	{
		provider: "any",
		any:      []string{"virus", "malware", "infected", "trojan", "eicar", "clamav", "malicious"},
		entry: entry{
			id:      "generic/virus",
			title:   "the mail was taken for a virus",
			meaning: "The server's scanner found something in the mail that it knows as harmful, or believes to be.",
			causes: []string{
				"A macro or program in the attachment.",
				"A false alarm on a binary log or recipe file.",
			},
			fixes: []Fix{
				{IT, "Scan the sending computer first; then test the file with a second scanner."},
				{Controls, "Send data as CSV or plain text and not as a document with macros."},
			},
			retry:   RetryNo,
			sources: []string{"guide to SMTP and device error codes", "RFC 3463 section 3.8"},
			see:     []string{"generic/attachment", "enhanced/7.1"},
		},
	},
	{
		provider: "any",
		any: []string{
			"attachment type", "attachment not allowed", "file type", "banned", "executable", ".exe", "file extension",
			"attachments are not", "forbidden attachment", "illegal attachment", "blocked attachment",
			"prohibited attachment", "attachment is not",
		},
		entry: entry{
			id:      "generic/attachment",
			title:   "the server takes no attachment of this kind",
			meaning: "The attachment's kind or name is on the server's list of those it refuses.",
			causes:  []string{"Programs, scripts, archives with passwords, or office files with macros."},
			fixes: []Fix{
				{Controls, "Send the data as .csv, .txt or .pdf, or put it on a share and mail the path."},
				{IT, "Allow this kind from this one sender, if the server is yours."},
			},
			retry:   RetryChange,
			sources: []string{"vendors' pages on blocked file types"},
			see:     []string{"generic/virus"},
		},
	},
	{
		provider: "any",
		any: []string{
			"spam", "unsolicited", "junk mail", "junkmail", "bulk mail", "bulk email", "ube,", "suspicious content",
			"unacceptable content", "high probability of", "spamassassin", "cloudmark", "message looks like",
		},
		entry: entry{
			id:      "generic/spam",
			title:   "the server takes the mail for spam",
			meaning: "A filter judged the mail by its text, links, headers or sender, and its points were over the limit.",
			causes: []string{
				"Short machine text, all capitals, many figures, no greeting.",
				"Missing headers such as Date or Message-ID, which filters dislike.",
				"A link with an IP address.",
			},
			fixes: []Fix{
				{Controls, "Give the mail a plain subject with the plant's name and leave links out."},
				{IT, "Let a relay in the plant add the headers that the device leaves out; list the sender at the filter as allowed."},
				{Provider, "If it's the other company's filter, ask their IT to let the sender through."},
			},
			retry:   RetryChange,
			sources: []string{"sisimai, reason SpamDetected"},
			see:     []string{"generic/rfc5322", "enhanced/7.1"},
		},
	},
	{
		provider: "any",
		any: []string{
			"content rejected", "content policy", "content filter", "content denied", "message rejected by policy",
			"policy violation", "violates policy", "violation of policy", "against policy", "policy restrictions",
			"policy reasons", "for policy", "by policy", "local policy", "security policies", "security policy",
			"content examination",
		},
		entry: entry{
			id:      "generic/content",
			title:   "a rule on content refused the mail",
			meaning: "A rule of the server's owner, on words, links, files or senders, refuses the mail without saying more.",
			causes: []string{
				"A word, number or link in the text matches a rule.",
				"The rule is about this sender or its network.",
			},
			fixes: []Fix{
				{Controls, "Send a one-line test from the same device, to see whether content or sender is to blame."},
				{IT, "Find the rule in the log of the server or filter, if it's yours."},
				{Provider, "Otherwise ask the other side's postmaster, with time and full answer."},
			},
			retry:   RetryChange,
			sources: []string{"RFC 3463 section 3.8"},
			see:     []string{"enhanced/7.1", "basic/554", "generic/spam"},
		},
	},
	{
		provider: "any",
		any:      []string{"message-id", "message id", "messageid"},
		entry: entry{
			id:      "generic/message-id",
			title:   "the mail has no Message-ID",
			meaning: "The server wants every mail to have a Message-ID, a name that no other mail has.",
			causes:  []string{"The device's firmware doesn't write one."},
			fixes: []Fix{
				{IT, "Send through a relay that adds missing headers; in Postfix that is always_add_missing_headers = yes."},
				{Controls, "See whether newer firmware writes it."},
			},
			retry:   RetryChange,
			sources: []string{"RFC 5322 section 3.6.4"},
			see:     []string{"gmail/message-id", "generic/rfc5322"},
		},
	},
	{
		provider: "any",
		any: []string{
			"rfc 5322", "rfc5322", "rfc 2822", "rfc2822", "rfc 822", "rfc compliant", "rfc-compliant", "missing header",
			"header missing", "missing required header", "header is missing", "date header", "no date", "missing date",
			"from header", "bad header", "malformed", "invalid header", "duplicate header", "multiple from",
			"improperly formatted", "mime error", "nested too",
		},
		none: []string{"smtputf8"},
		entry: entry{
			id:      "generic/rfc5322",
			title:   "the mail's form breaks the standard",
			meaning: "Headers that must be there are missing, there twice or badly written, and the server doesn't guess.",
			causes: []string{
				"The device writes no Date, or no From.",
				"The text of the mail begins where a header should be: the blank line between is missing.",
				"Raw umlauts in headers.",
			},
			fixes: []Fix{
				{IT, "Let a relay in the plant complete the headers for this device, or mend them by header_checks in Postfix."},
				{Controls, "Set the device's clock, sender name and sender address."},
			},
			retry:   RetryChange,
			sources: []string{"RFC 5322 section 3.6"},
			see:     []string{"enhanced/6.0", "gmail/rfc5322"},
		},
	},
	{
		provider: "any",
		any: []string{
			"bare lf", "bare cr", "bare newline", "bare linefeed", "bare line feed", "bare <lf>", "bare <cr>", "lone lf",
			"lone cr", "line feeds without", "stray newline",
		},
		entry: entry{
			id:      "generic/bare-lf",
			title:   "lines end in LF or CR alone",
			meaning: "Each line of a mail must end in carriage return and line feed together; this one has one of the two alone.",
			causes: []string{
				"The device or a script writes LF only.",
				"Ladder text with $L where $N belongs.",
			},
			fixes: []Fix{
				{Controls, "Write $N at the end of lines in the text, not $L."},
				{IT, "Let a relay in the plant mend line ends for this device; in Postfix, smtpd_forbid_bare_newline = normalize does it."},
			},
			retry:   RetryChange,
			sources: []string{"RFC 5321 section 2.3.8", "GitHub muquit/mailsend issue 52", "GitHub marlam/msmtp issue 145"},
			see:     []string{"postfix/bare-lf", "qmail/bare-lf", "m365/bare-lf"},
		},
	},
	{
		provider: "any",
		any: []string{
			"too many hops", "mail loop", "loop detected", "mail loops", "looping", "routing loop", "hop count",
			"too many received", "maximum hop",
		},
		entry: entry{
			id:      "generic/loop",
			title:   "the mail goes round in circles",
			meaning: "Each server adds a line to the mail, and there are too many: two servers or two mailboxes hand it to and fro.",
			causes: []string{
				"Forwarding from A to B and from B to A.",
				"A domain that neither of two servers believes to be its own.",
			},
			fixes: []Fix{
				{IT, "Read the Received lines of the bounce from below to above and cut the ring where it begins."},
				{Operator, "Switch off the forwarding or the automatic answer in your mailbox."},
			},
			retry:   RetryChange,
			sources: []string{"RFC 5321 section 6.3"},
			see:     []string{"enhanced/4.6"},
		},
	},
	{
		provider: "any",
		any: []string{
			"delivery time expired", "message expired", "expired,", "has been in the queue too long",
			"could not be delivered for", "exceeded retry",
		},
		entry: entry{
			id:      "generic/expired",
			title:   "the server tried until its time ran out",
			meaning: "A server on the way kept the mail in its queue and tried for hours or days; now it has given up.",
			causes: []string{
				"The recipient's server was down the whole time.",
				"A temporary refusal came again at each try; the bounce quotes the last one.",
			},
			fixes: []Fix{
				{Operator, "Send it again if it still matters."},
				{IT, "Look at the last refusal in the bounce: that is the true reason."},
			},
			retry:   RetryLater,
			sources: []string{"RFC 5321 section 4.5.4.1"},
			see:     []string{"enhanced/4.7"},
		},
	},
	{
		provider: "any",
		any: []string{
			"no smtp service", "not accepting network messages", "not accepting mail", "not accepting messages",
			"service not accepted", "does not accept smtp", "no mail service",
		},
		entry: entry{
			id:      "generic/no-mail-service",
			title:   "this isn't a mail server for you",
			meaning: "The machine answers on the port but says from the start that it takes no mail, or none for now.",
			causes: []string{
				"The wrong server or port was entered.",
				"The server is in maintenance.",
				"It doesn't want this client's address.",
			},
			fixes: []Fix{
				{Controls, "Check the server's name and port in the device's set-up."},
				{IT, "Ask what the right outgoing server is; port 587 is for clients, 25 for servers."},
			},
			retry:   RetryChange,
			sources: []string{"RFC 7504", "RFC 5321 section 3.1"},
			see:     []string{"basic/521", "basic/554", "enhanced/3.2"},
		},
	},
	{
		provider: "any",
		any: []string{
			"too many bad commands", "too many invalid commands", "too many unknown commands", "too many syntax",
			"too many unrecognized", "too many protocol errors", "too many nonmail", "too many non-mail",
			"command limit",
		},
		entry: entry{
			id:      "generic/bad-commands",
			title:   "the client sent too many wrong commands",
			meaning: "After a number of commands that it doesn't know, the server hangs up.",
			causes: []string{
				"The device isn't speaking SMTP on this port.",
				"An earlier refusal put the device out of step.",
			},
			fixes:   []Fix{{Controls, "Look in the trace for the first command that was refused."}},
			retry:   RetryChange,
			sources: []string{"RFC 5321 section 7.8"},
			see:     []string{"basic/500", "basic/421"},
		},
	},
	{
		provider: "any",
		any: []string{
			"error: timeout exceeded", "smtp timeout", "idle timeout", "timeout waiting for data from client",
			"timeout waiting for client", "timeout waiting for input", "command timeout", "no activity", "data timeout",
			"idle for too long",
		},
		entry: entry{
			id:      "generic/idle-timeout",
			title:   "the server waited too long for the client",
			meaning: "The client was silent for longer than the server waits, and the server hung up.",
			causes: []string{
				"The device stopped in the middle, by a program mode change or a fault.",
				"A line that loses packets.",
				"The device doesn't send the dot that ends the mail.",
			},
			fixes: []Fix{
				{Controls, "See in the trace what the device's last line was; it is waiting there for something."},
				{IT, "Look for packet loss and for a firewall that cuts quiet connections."},
			},
			retry:   RetryYes,
			sources: []string{"RFC 5321 section 4.5.3.2"},
			see:     []string{"basic/421", "enhanced/4.2"},
		},
	},
	{
		provider: "any",
		any: []string{
			"insufficient system storage", "insufficient storage", "insufficient disk", "disk full", "out of disk",
			"no space left", "not enough disk", "not enough storage", "out of storage", "storage space",
			"mail system full", "queue is full", "queue full", "low on disk",
		},
		entry: entry{
			id:      "generic/storage",
			title:   "the server has no room",
			meaning: "The server's own disk is full or nearly; that isn't the recipient's mailbox.",
			causes: []string{
				"Logs or a queue have filled the disk.",
				"The mail is larger than what is left.",
			},
			fixes: []Fix{
				{IT, "Free space at the server; a relay's queue keeps the mail meanwhile."},
				{Provider, "If it's the other side's server, only they can."},
			},
			retry:   RetryLater,
			sources: []string{"RFC 5321 section 4.2.3", "list of ESMTP status codes, 2002"},
			see:     []string{"enhanced/3.1", "basic/452"},
		},
	},
	{
		provider: "any",
		codes:    []int{530, 550, 553, 554, 571},
		all:      []string{"access denied"},
		none:     []string{"access denied: 5", "ip name", "helo"},
		entry: entry{
			id:      "generic/access-denied",
			title:   "the server refuses this client without saying why",
			meaning: "A list or rule of the server says no to this client or sender, and the answer has no more words than that.",
			causes: []string{
				"The address, or its whole network, is on the list.",
				"An old server says this to every client that hasn't logged in or fetched its mail first.",
			},
			fixes: []Fix{
				{IT, "If it's your server, look for the client's address in its access lists and rules; its log says which one applied."},
				{Provider, "If it is another company's server, ask its admin why."},
			},
			retry:   RetryChange,
			sources: []string{"list of ESMTP status codes, 2002", "Sendmail configuration, cf/README"},
			see:     []string{"basic/530", "enhanced/7.1", "generic/authentication-required"},
		},
	},
	{
		provider: "any",
		codes:    []int{421, 422, 430, 432, 450, 451, 452, 453, 454, 455, 458, 459, 550, 554},
		any: []string{
			"local error", "internal error", "internal server error", "unexpected error", "system error",
			"temporary lookup failure", "unable to process", "local problem",
			"temporary service failure", "processing error", "lookup failure",
		},
		none: []string{"tls", "ssl"},
		entry: entry{
			id:      "generic/local-error",
			title:   "the server had a fault of its own",
			meaning: "The server couldn't finish because of something in itself; the mail and the client are all right.",
			causes: []string{
				"Overload, a restart or a full table at the server.",
				"A filter or directory that the server asks didn't answer.",
			},
			fixes: []Fix{
				{IT, "Let the queue try again; if it lasts over an hour and the server is yours, read its log at that minute."},
				{Provider, "The provider's status page may tell more."},
			},
			retry:   RetryLater,
			sources: []string{"RFC 5321 section 4.2.3", "list of ESMTP status codes, 2002"},
			see:     []string{"basic/451", "enhanced/3.0"},
		},
	},
	{
		provider: "any",
		codes:    []int{421},
		any: []string{
			"shutting down", "closing transmission", "closing connection", "closing channel", "service not available",
			"going down", "service closing", "service unavailable", "disconnecting",
		},
		entry: entry{
			id:      "generic/shutting-down",
			title:   "the server is closing the connection",
			meaning: "The server ends the conversation, because it is going down or doesn't want to go on for now; 421 may answer any command.",
			causes: []string{
				"A restart or an update.",
				"A limit that the server doesn't name.",
				"At the very start: the client's address isn't wanted now.",
			},
			fixes: []Fix{
				{IT, "Try again after some minutes, as a relay does by itself. If it comes at each try, ask for the cause at that server."},
				{Controls, "Don't let the device try again at once and without end."},
			},
			retry:   RetryLater,
			sources: []string{"RFC 5321 section 3.8", "list of ESMTP status codes, 2002"},
			see:     []string{"basic/421"},
		},
	},
	{
		provider: "any",
		codes:    []int{400, 421, 422, 430, 431, 432, 441, 442, 450, 451, 452, 453, 454, 455, 458},
		any: []string{
			"try again", "try later", "temporarily unavailable", "temporarily deferred", "temporarily rejected",
			"temporary failure", "temporarily refused", "please retry", "come back later", "retry later",
			"temporarily blocked",
		},
		none: []string{"name resolution"},
		entry: entry{
			id:      "generic/try-later",
			title:   "the server asks you to come again later",
			meaning: "The server puts the mail off without giving a reason that is known here.",
			causes:  []string{"Quiet greylisting, load, or a filter that wants time."},
			fixes: []Fix{
				{IT, "Nothing at first: the queue tries again at growing intervals."},
				{Provider, "After some hours of it, ask the postmaster of that server, with the full line."},
			},
			retry:   RetryLater,
			sources: []string{"RFC 5321 section 4.2.1"},
			see:     []string{"generic/greylisting", "basic/450", "basic/451"},
		},
	},
}
