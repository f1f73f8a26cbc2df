package reply

// wireGeneral is times that were up, and what only says that something failed.
var wireGeneral = []textRule{
	{
		provider: "any",
		entry: entry{
			id: "tcp/would-block", title: "not ready yet",
			meaning: "The program asked its socket to read, write or connect without waiting, and the socket wasn't ready at that moment. That is a state on the way and not yet a failure.",
			causes: []string{
				"The connection is still being made, or no data has come yet.",
				"A receive timeout was set on the socket, and the program reports its end by this number.",
				"The program doesn't wait for the socket before it uses it.",
			},
			fixes: []Fix{
				{Controls, "Where the program is your own, wait by select or poll until the socket is ready, and then do the same call again."},
				{IT, "Where it is bought, update it; if it comes each time, treat it as a time-out and test the way to the server."},
			},
			retry: RetryYes, sources: []string{"Windows Sockets error codes", "POSIX errno"}, see: []string{"tcp/timeout"},
		},
		any: []string{
			"wsaewouldblock", "ewouldblock", "eagain", "operation would block", "non-blocking socket operation could not be completed",
			"[errno 11]", "nicht blockierender socketvorgang", "error 10035", "errno 10035", "error: 10035", "# 10035", "code 10035", "code: 10035",
			"(10035)",
		},
	},
	{
		provider: "any",
		entry: entry{
			id: "tcp/not-connected", title: "not connected",
			meaning: "The program sent or received on a socket that isn't connected.",
			causes: []string{
				"The connection failed before, and the program didn't look at that error.",
				"The other end has closed the connection in the meantime.",
			},
			fixes: []Fix{
				{Controls, "Look for the first error in the log, and not for this one, which only follows from it."},
			},
			retry: RetryYes, sources: []string{"Windows Sockets error codes", "POSIX errno"}, see: []string{"tcp/closed"},
		},
		any: []string{
			"socket is not connected", "enotconn", "wsaenotconn", "transport endpoint is not connected", "[errno 107]", "error 10057",
			"errno 10057", "error: 10057", "# 10057", "code 10057", "code: 10057", "(10057)",
		},
	},
	{
		provider: "any",
		entry: entry{
			id: "tcp/closed", title: "connection closed by this program",
			meaning: "The program used a connection that it had closed itself, as a rule while it was stopping or after a timeout of its own.",
			causes: []string{
				"The service was told to stop or to reload in the middle of a mail.",
				"A time limit in the program closed the connection, and another part of it went on reading.",
			},
			fixes: []Fix{
				{Controls, "Look whether the program was being stopped at that time; then the mail goes out with the next start."},
				{IT, "Raise the program's own time limit if there was no stop."},
			},
			retry: RetryYes, sources: []string{"Go package net", "POSIX errno"}, see: []string{"tcp/deadline"},
		},
		any: []string{
			"use of closed network connection", "bad file descriptor", "ebadf", "socket is closed", "socket closed", "use of closed connection",
			"after socket shutdown", "io: read/write on closed pipe", "stream closed", "cannot access a disposed object", "closed channel",
			"error 10038", "errno 10038", "error: 10038", "# 10038", "code 10038", "code: 10038", "(10038)", "error 10058", "errno 10058",
			"error: 10058", "# 10058", "code 10058", "code: 10058", "(10058)",
		},
	},
	{
		provider: "any",
		entry: entry{
			id: "tcp/write-timeout", title: "other end doesn't take the data",
			meaning: "The connection stands, but what was written wasn't taken by the other end in time.",
			causes: []string{
				"The other end has stopped reading: it is overloaded or its disk is full.",
				"Big packets get lost on a path with a smaller MTU, while small ones pass.",
			},
			fixes: []Fix{
				{IT, "Send a mail of a few lines and then a large one; where only the large one hangs, lower the MTU."},
				{IT, "Look at load and disk of the receiving server."},
			},
			retry: RetryLater, sources: []string{"Go package net", "RFC 9293"}, see: []string{"ecom/17"},
		},
		all: []string{"time"},
		any: []string{"write tcp", "write operation timed out", "write timed out", "send timed out", "write timeout", "write etimedout"},
	},
	{
		provider: "any",
		entry: entry{
			id: "tcp/read-timeout", title: "no answer over an open connection",
			meaning: "The connection stands, but no answer came within the time that the program waits.",
			causes: []string{
				"The server is slow: DNS lookups, spam checks or greylisting delays take longer than the client's limit.",
				"Client and server both wait, as happens where one speaks TLS and the other doesn't.",
				"The network broke without either side noticing.",
			},
			fixes: []Fix{
				{IT, "Find the step at which it hangs, and see what the server does at that moment."},
				{Controls, "Raise the timeout: twice the slowest good mail, 60 seconds at least."},
				{IT, "Check port and TLS mode if it hangs at the very beginning."},
			},
			retry: RetryLater, sources: []string{"Go package net", "curl manual", "Python socket"}, see: []string{"smtp/stage-timeout", "ecom/12"},
		},
		all: []string{"time"},
		any: []string{
			"read tcp", "read timed out", "read operation timed out", "operation has timed out", "hat das timeout", "timeout für vorgang", "timeout für den vorgang", "operation timed out after", "closed: timed out",
			"recv timed out", "receive timed out", "read timeout", "read etimedout", "timed out waiting for", "timeout waiting for",
			"response timed out", "0 bytes received", "network read error",
		},
	},
	{
		provider: "any",
		entry: entry{
			id: "tcp/deadline", title: "the program's own time was up",
			meaning: "The program gave itself a time for the whole task and it ran out, whatever the connection was doing.",
			causes: []string{
				"The limit is shorter than the slow case of the server.",
				"The program was stopped while it sent.",
			},
			fixes: []Fix{
				{Controls, "Set the limit to the time of the slowest good mail and as much again."},
				{IT, "Look at what went before in the log; the step that took the time is the one to mend."},
			},
			retry: RetryLater, sources: []string{"Go package context", ".NET System.Net.Mail"}, see: []string{"tcp/timeout"},
		},
		any: []string{"context deadline exceeded", "deadline exceeded", "context canceled", "task was canceled", "operation was canceled"},
	},
	{
		provider: "any",
		entry: entry{
			id: "tcp/timeout", title: "connecting timed out",
			meaning: "Nobody answered the attempt to connect: the packets vanish on the way there or back.",
			causes: []string{
				"A firewall drops the packets without a word; many access providers do that with port 25 to the outside.",
				"The server's address is wrong, and no machine has it.",
				"The server answers, but its gateway doesn't lead back to this network.",
			},
			fixes: []Fix{
				{IT, "Find where it ends with Test-NetConnection HOST -Port 25 or nc -vz HOST 25, from here and from the server's own network."},
				{IT, "Allow this machine to reach the port in every firewall between; for mail to the outside use 587 and not 25."},
				{Controls, "Check address, subnet mask and gateway of the controller; the server needs a way back to it too."},
				{Controls, "A module gives code 11 for this; rehearse it with rungmail try examples/widget-report.rll --fail connect=stall."},
			},
			retry: RetryLater, sources: []string{"Go package net", "Windows Sockets error codes", "POSIX errno", "RFC 9293", "curl manual"}, see: []string{"ecom/11", "tcp/refused"},
		},
		any: []string{
			"i/o timeout", "timed out", "did not respond to a connection attempt", "nach einer bestimmten zeitspanne", "zeitüberschreitung", "zeitueberschreitung", "zeit\xfcberschreitung", "etimedout", "did not properly respond after a period of time", "timeouterror", "wsaetimedout",
			"[errno 110]", "[errno 60]", "connection timeout", "connect timeout", "connecttimeout", "timeoutexception", "curl: (28)", "error 10060",
			"errno 10060", "error: 10060", "# 10060", "code 10060", "code: 10060", "(10060)",
		},
	},
	{
		provider: "any",
		entry: entry{
			id: "tcp/send-failed", title: "sending failed on the connection",
			meaning: "The client couldn't send over the open connection; the line doesn't say why.",
			causes: []string{
				"The server closed the connection while the client was still sending.",
				"The server refused the size or a line of the mail, and hung up.",
			},
			fixes: []Fix{
				{IT, "Repeat it with curl -v, and read the server's last line before the failure."},
				{IT, "Try a small mail; if it passes, look at the server's limit of size."},
			},
			retry: RetryLater, sources: []string{"curl manual"}, see: []string{"tcp/broken-pipe", "smtp/disconnected"},
		},
		any: []string{"curl: (55)", "send failure", "failed sending data", "failure when sending data"},
	},
	{
		provider: "any",
		entry: entry{
			id: "tcp/receive-failed", title: "receiving failed on the connection",
			meaning: "The client couldn't read from the open connection; the line doesn't say why.",
			causes: []string{
				"The server or a firewall ended the connection in a rude way.",
				"TLS was ended without its closing message.",
			},
			fixes: []Fix{
				{IT, "Repeat it with curl -v --trace-time, and compare the time with the server's log."},
				{IT, "Bypass proxies and scanners on the way for a test."},
			},
			retry: RetryLater, sources: []string{"curl manual"}, see: []string{"tcp/reset", "tls/cut-off"},
		},
		any: []string{
			"curl: (56)", "recv failure", "failure when receiving data", "failure in receiving",
			"unable to read data from the transport connection",
		},
	},
	{
		provider: "any",
		entry: entry{
			id: "tcp/connect-failed", title: "couldn't connect",
			meaning: "The client didn't get a connection to the server; this line doesn't say whether it was refused, lost or unreachable.",
			causes: []string{
				"Address or port is wrong, or the service is down.",
				"A firewall stands between.",
			},
			fixes: []Fix{
				{IT, "Look at the next line of the log, which mostly has the system's reason behind it."},
				{IT, "Test the port alone with nc -vz HOST PORT or Test-NetConnection, then send with rungmail send --server ADDRESS:25 --from plc@example.com --to you@example.com."},
				{Controls, "Compare the set-up of the device with one that works in the same network."},
			},
			retry: RetryChange, sources: []string{"curl manual", "swaks", "Jakarta Mail", "msmtp"}, see: []string{"tcp/refused", "tcp/timeout", "dns/not-found"},
		},
		any: []string{
			"curl: (7)", "couldn't connect to", "could not connect to", "failed to connect", "unable to connect", "error connecting",
			"cannot connect to", "verbindung mit dem remoteserver kann nicht", "can't connect to", "connection failed", "connectexception", "connect failed",
		},
		none: []string{"016-764"},
	},
	{
		provider: "any",
		entry: entry{
			id: "tcp/eof", title: "connection ended early",
			meaning: "The other end closed the connection in good order while the program still waited for an answer.",
			causes: []string{
				"The server ended the conversation: a limit, a policy, a restart.",
				"The port belongs to TLS or to another service, which hangs up on SMTP.",
				"A load balancer has no working server behind it.",
			},
			fixes: []Fix{
				{IT, "Read the server's log for the reason; the client only sees the end."},
				{IT, "Test the same port by openssl s_client -connect HOST:PORT, to see whether it speaks TLS."},
				{Controls, "Send again once; if it ends at the same step, take the trace to IT."},
			},
			retry: RetryLater, sources: []string{"Go package io", "Go package net/smtp"}, see: []string{"smtp/disconnected", "smtp/greeting-lost"},
		},
		any:  []string{"eof", "end of file", "end of stream"},
		none: []string{"geof", "peof", "zeof", "teof", "meof"},
	},
}
