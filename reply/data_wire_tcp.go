package reply

// wireTCP is faults of making and keeping a connection.
var wireTCP = []textRule{
	{
		provider: "any",
		entry: entry{
			id: "tcp/ipv6-unreachable", title: "no way over IPv6",
			meaning: "The server's IPv6 address was tried, and this machine has no way there. As a rule its IPv4 address is tried next, and the line alone is harmless.",
			causes: []string{
				"The machine or its network has no IPv6, but the server's name has an IPv6 address.",
				"IPv6 is there on the network card, without a gateway to the outside.",
			},
			fixes: []Fix{
				{IT, "Look whether a later line for the same mail says sent; then nothing is to be done."},
				{IT, "Tell the sender to use IPv4 alone: inet_protocols = ipv4 in Postfix, an A-only name elsewhere."},
			},
			retry: RetryLater, sources: []string{"Postfix", "Go package net", "RFC 6724"}, see: []string{"tcp/net-unreachable"},
		},
		all: []string{"network is unreachable"},
		any: []string{"[2a", "[2001:", "[2003:", "[2404:", "[2600:", "[2603:", "[2607:", "[2620:", "[fd", "[fe80", "[::1", "tcp6"},
	},
	{
		provider: "any",
		entry: entry{
			id: "tcp/net-unreachable", title: "network unreachable",
			meaning: "This machine has no route to the server's network, so no packet was sent.",
			causes: []string{
				"The default gateway is missing or in the wrong subnet.",
				"The network cable is out, or DHCP has given no address.",
				"The machine has only a production network, from which nothing leads to the mail server.",
			},
			fixes: []Fix{
				{IT, "Look at the routes: ip route on Linux, route print on Windows; there must be a default or one for the server's subnet."},
				{Controls, "On an ECOM100's web page compare address, subnet mask and gateway, which must lie in its own subnet; a virtual module has the network of the computer that Rungmail runs on."},
				{Operator, "Check the lamp of the Ethernet port, and the cable up to the switch."},
			},
			retry: RetryChange, sources: []string{"Go package net", "Windows Sockets error codes", "POSIX errno"}, see: []string{"tcp/no-route", "ecom/11"},
		},
		any: []string{
			"network is unreachable", "enetunreach", "unreachable network", "wsaenetunreach", "[errno 101]", "network unreachable", "bezog sich auf ein nicht verf",
			"net unreachable", "error 10051", "errno 10051", "error: 10051", "# 10051", "code 10051", "code: 10051", "(10051)",
		},
	},
	{
		provider: "any",
		entry: entry{
			id: "tcp/no-route", title: "host unreachable",
			meaning: "Packets can't be brought to this host: nobody answers for its address on the last network, or a router says no.",
			causes: []string{
				"The server is switched off, unplugged, or its address is another one.",
				"The subnet mask makes this machine think that the server is next door.",
				"A firewall rejects the connection with host unreachable (on Linux, a REJECT rule).",
			},
			fixes: []Fix{
				{Controls, "Ping the server, then look at arp -a: an incomplete entry means that no machine has this address."},
				{Controls, "Compare the subnet masks of both machines; 255.255.0.0 on one and 255.255.255.0 on the other does this."},
				{IT, "On the server, open the port: firewall-cmd --add-service=smtp --permanent, then --reload."},
			},
			retry: RetryChange, sources: []string{"Go package net", "Windows Sockets error codes", "POSIX errno"}, see: []string{"tcp/net-unreachable", "ecom/11"},
		},
		any: []string{
			"no route to host", "ehostunreach", "host is unreachable", "unreachable host", "host unreachable", "noroutetohost", "wsaehostunreach", "bezog sich auf einen nicht verf",
			"[errno 113]", "error 10065", "errno 10065", "error: 10065", "# 10065", "code 10065", "code: 10065", "(10065)",
		},
	},
	{
		provider: "any",
		entry: entry{
			id: "tcp/host-down", title: "host is down",
			meaning: "The system knows that the other host doesn't answer on the local network at present.",
			causes: []string{
				"The server is off, restarting or asleep.",
				"Its network card or switch port has failed.",
			},
			fixes: []Fix{
				{Operator, "See whether the server is on and its network lamp lit, then send again."},
				{IT, "Check the switch port for errors and the server for its address."},
			},
			retry: RetryLater, sources: []string{"Windows Sockets error codes", "POSIX errno"}, see: []string{"tcp/no-route"},
		},
		any: []string{
			"host is down", "ehostdown", "wsaehostdown", "[errno 112]", "error 10064", "errno 10064", "error: 10064", "# 10064", "code 10064",
			"code: 10064", "(10064)",
		},
	},
	{
		provider: "any",
		entry: entry{
			id: "tcp/net-down", title: "own network is down",
			meaning: "The network of this machine itself doesn't work: its card or its driver is off.",
			causes: []string{
				"The network adapter is disabled, or the cable was pulled.",
				"The system is starting or going to sleep.",
			},
			fixes: []Fix{
				{Operator, "Plug the cable in again and wait for the link lamp."},
				{IT, "Enable the adapter, update its driver, and forbid Windows to switch it off to save power."},
			},
			retry: RetryLater, sources: []string{"Windows Sockets error codes", "POSIX errno"}, see: []string{"tcp/net-unreachable"},
		},
		any: []string{
			"network is down", "enetdown", "wsaenetdown", "[errno 100]", "error 10050", "errno 10050", "error: 10050", "# 10050", "code 10050",
			"code: 10050", "(10050)",
		},
	},
	{
		provider: "any",
		entry: entry{
			id: "tcp/bind-permission", title: "listening not permitted",
			meaning: "The program wanted to listen on a port below 1024, such as 25, and isn't allowed to.",
			causes: []string{
				"It runs as an ordinary user, and on Linux the low ports are kept for root.",
				"On Windows the port lies in a range that Hyper-V or another service has reserved.",
			},
			fixes: []Fix{
				{IT, "Give the program the right alone: setcap cap_net_bind_service=+ep on the file, or AmbientCapabilities in its systemd unit."},
				{Controls, "Use a high port such as 2525 for tests, as in rungmail send --server 127.0.0.1:2525 --from plc@example.com --to you@example.com."},
				{IT, "On Windows, see netsh int ipv4 show excludedportrange protocol=tcp."},
			},
			retry: RetryChange, sources: []string{"Go package net", "POSIX errno", "Linux capabilities(7)"}, see: []string{"tcp/permission"},
		},
		any: []string{"bind: permission denied", "listen eacces", "bind: an attempt was made"},
	},
	{
		provider: "any",
		entry: entry{
			id: "tcp/permission", title: "connecting not permitted",
			meaning: "The system of this machine itself forbade the connection; nothing went out.",
			causes: []string{
				"A firewall or virus scanner on this PC blocks programs that send mail on port 25.",
				"SELinux or a container's rules don't let this program use the network.",
				"The address is a broadcast address.",
			},
			fixes: []Fix{
				{IT, "Allow the program in the PC's virus scanner; many have a rule against mass-mailing worms that shuts port 25."},
				{IT, "With SELinux, look into the audit log, and set httpd_can_sendmail or the like."},
				{IT, "Try as another user and by another program, such as rungmail send --server ADDRESS:25 --from plc@example.com --to you@example.com, to see whose rule it is."},
			},
			retry: RetryChange, sources: []string{"Windows Sockets error codes", "POSIX errno"}, see: []string{"tcp/bind-permission"},
		},
		any: []string{
			"connect: permission denied", "connect eacces", "permission denied (13)", "[errno 13]", "operation not permitted", "[errno 1]",
			"forbidden by its access permissions", "zugriffsrechte des sockets", "wsaeacces", "permission denied: connect", "(13) permission denied", "error 10013",
			"errno 10013", "error: 10013", "# 10013", "code 10013", "code: 10013", "(10013)",
		},
	},
	{
		provider: "any",
		entry: entry{
			id: "tcp/address-in-use", title: "port is in use already",
			meaning: "The program wanted to listen on a port, or to use one as its own, that another program has.",
			causes: []string{
				"A second copy of the program runs, or another mail server is on the machine.",
				"The program was restarted faster than the system lets the port go.",
				"A client opened so many connections that Windows ran out of ports of its own.",
			},
			fixes: []Fix{
				{IT, "Find who has it: ss -ltnp on Linux, netstat -abno on Windows; stop that program or choose another port."},
				{Controls, "Write another port into the plant file or the command, and try again."},
				{IT, "Where a client ran out of ports, let it keep one connection for many mails."},
			},
			retry: RetryChange, sources: []string{"Go package net", "Windows Sockets error codes", "POSIX errno"}, see: []string{"tcp/no-buffers"},
		},
		any: []string{
			"address already in use", "eaddrinuse", "only one usage of each socket address", "wsaeaddrinuse", "[errno 98]", "error 10048",
			"errno 10048", "error: 10048", "# 10048", "code 10048", "code: 10048", "(10048)",
		},
	},
	{
		provider: "any",
		entry: entry{
			id: "tcp/address-not-available", title: "address isn't this machine's",
			meaning: "The program was to use an address or a port that this machine can't use.",
			causes: []string{
				"The address to listen on or to send from belongs to another machine, or to a network card that is off.",
				"The server is set to 0.0.0.0 or to port 0.",
			},
			fixes: []Fix{
				{IT, "Compare the bind address with ip addr or ipconfig; use 0.0.0.0 to listen on all cards."},
				{Controls, "Enter the server's true address, on an ECOM100's web page or, for a virtual module, under [rack.module.email] in the plant file; 0.0.0.0 means that none was set."},
			},
			retry: RetryChange, sources: []string{"Go package net", "Windows Sockets error codes", "POSIX errno"}, see: []string{"ecom/24"},
		},
		any: []string{
			"cannot assign requested address", "can't assign requested address", "eaddrnotavail", "requested address is not valid in its context",
			"wsaeaddrnotavail", "[errno 99]", "error 10049", "errno 10049", "error: 10049", "# 10049", "code 10049", "code: 10049", "(10049)",
		},
	},
	{
		provider: "any",
		entry: entry{
			id: "tcp/no-buffers", title: "system is out of network buffers",
			meaning: "The system had no more memory or ports for another connection.",
			causes: []string{
				"A program opens connections again and again and doesn't close them.",
				"Thousands of closed connections still wait in TIME_WAIT.",
				"A small device or an old Windows is at its limits.",
			},
			fixes: []Fix{
				{IT, "Count connections per program with netstat -ano or ss -s, and restart or mend the one that leaks."},
				{Controls, "Look for a program that sends in every scan or every second; trigger on the edge of an event in its place."},
			},
			retry: RetryLater, sources: []string{"Windows Sockets error codes", "POSIX errno"}, see: []string{"tcp/too-many-files", "tcp/address-in-use"},
		},
		any: []string{
			"no buffer space", "enobufs", "lacked sufficient buffer space", "wsaenobufs", "[errno 105]", "error 10055", "errno 10055",
			"error: 10055", "# 10055", "code 10055", "code: 10055", "(10055)",
		},
	},
	{
		provider: "any",
		entry: entry{
			id: "tcp/too-many-files", title: "too many open files or sockets",
			meaning: "The program has as many files and connections open as the system allows it, and can't open another one.",
			causes: []string{
				"Connections aren't closed after use.",
				"The limit is low for a server with many clients.",
			},
			fixes: []Fix{
				{IT, "See what is open: ls /proc/PID/fd on Linux; raise LimitNOFILE in the unit where the number is honest."},
				{IT, "Set idle timeouts on the server, so that silent clients don't hold their connections."},
			},
			retry: RetryLater, sources: []string{"POSIX errno", "Windows Sockets error codes"}, see: []string{"tcp/no-buffers"},
		},
		any: []string{
			"too many open files", "emfile", "enfile", "wsaemfile", "[errno 24]", "error 10024", "errno 10024", "error: 10024", "# 10024",
			"code 10024", "code: 10024", "(10024)",
		},
	},
	{
		provider: "any",
		entry: entry{
			id: "tcp/refused", title: "connection refused",
			meaning: "The machine at that address is there, but nothing listens on that port, or a firewall says no at once.",
			causes: []string{
				"The mail service isn't running on that machine.",
				"The port is wrong: 25, 465 and 587 aren't all open on every server.",
				"The service listens on 127.0.0.1 alone, and the client is another machine.",
				"A firewall rejects the connection.",
			},
			fixes: []Fix{
				{IT, "On the server see whether anything listens on the port: ss -ltn or netstat -an; start the service, and bind it to the network card."},
				{Controls, "Compare server address and port with what IT names, then try from a PC: rungmail send --server ADDRESS:PORT --from plc@example.com --to you@example.com."},
				{Controls, "An ECOM100 goes on trying and ends with code 11; rehearse it with rungmail try examples/widget-report.rll --fail connect=drop."},
			},
			retry: RetryChange, sources: []string{"Go package net", "Windows Sockets error codes", "POSIX errno", "RFC 9293"}, see: []string{"ecom/11", "tcp/timeout"},
		},
		any: []string{
			"connection refused", "econnrefused", "actively refused", "zielcomputer die verbindung verweiger", "connectionrefusederror", "wsaeconnrefused", "[errno 111]", "[errno 61]",
			"refused connection", "error 10061", "errno 10061", "error: 10061", "# 10061", "code 10061", "code: 10061", "(10061)",
		},
	},
	{
		provider: "any",
		entry: entry{
			id: "tcp/reset", title: "connection reset by the other end",
			meaning: "The connection was there, and the other end, or something between, cut it off at once by a TCP reset.",
			causes: []string{
				"The server's process crashed, was restarted, or threw the client out.",
				"A firewall or intrusion filter resets connections that it doesn't like, or that were idle for too long.",
				"The other end had already closed the connection, and data came after that.",
			},
			fixes: []Fix{
				{IT, "Look in the firewall's log for a reset of this connection, and in the server's for the client's address."},
				{IT, "Capture packets on both sides; a reset that only one side sees comes from between them."},
				{Controls, "Where it comes after minutes of silence, open a new connection for each mail."},
			},
			retry: RetryYes, sources: []string{"Go package net", "Windows Sockets error codes", "POSIX errno", "RFC 9293"}, see: []string{"ecom/20", "smtp/disconnected"},
		},
		any: []string{
			"connection reset", "econnreset", "vom remotehost geschlossen", "forcibly closed", "connectionreseterror", "wsaeconnreset", "[errno 104]", "[errno 54]",
			"reset by peer", "error 10054", "errno 10054", "error: 10054", "# 10054", "code 10054", "code: 10054", "(10054)",
		},
	},
	{
		provider: "any",
		entry: entry{
			id: "tcp/net-reset", title: "connection lost by keep-alive",
			meaning: "The connection stood idle, and the keep-alive found that the other end is gone.",
			causes: []string{
				"The other machine was restarted or lost its network.",
				"A router or VPN in between forgot the connection.",
			},
			fixes: []Fix{
				{IT, "Open the connection when it is needed, or lower the keep-alive time below the router's idle time."},
			},
			retry: RetryYes, sources: []string{"Windows Sockets error codes", "POSIX errno"}, see: []string{"tcp/reset"},
		},
		any: []string{
			"network dropped connection on reset", "enetreset", "wsaenetreset", "keep-alive activity detected", "error 10052", "errno 10052",
			"error: 10052", "# 10052", "code 10052", "code: 10052", "(10052)",
		},
	},
	{
		provider: "any",
		entry: entry{
			id: "tcp/aborted", title: "connection aborted on this machine",
			meaning: "Software on this machine, and not the server, ended the connection, or gave up after data went unanswered.",
			causes: []string{
				"A virus scanner with mail protection stands between program and network.",
				"The network card changed: a VPN came up, the PC went to sleep, Wi-Fi took over.",
				"TCP sent the same data too often without an answer.",
			},
			fixes: []Fix{
				{IT, "Switch the scanner's mail shield off for a test, or except the sending program."},
				{IT, "Put the PC on a cable and forbid it to sleep while it sends."},
				{Operator, "Send again; if it fails at the same point each time, tell IT the time."},
			},
			retry: RetryYes, sources: []string{"Windows Sockets error codes", "POSIX errno"}, see: []string{"tcp/reset"},
		},
		any: []string{
			"software caused connection abort", "econnaborted", "connection was aborted", "durch den hostcomputer abgebrochen", "connectionabortederror", "wsaeconnaborted",
			"[errno 103]", "error 10053", "errno 10053", "error: 10053", "# 10053", "code 10053", "code: 10053", "(10053)",
		},
	},
	{
		provider: "any",
		entry: entry{
			id: "tcp/broken-pipe", title: "wrote to a closed connection",
			meaning: "The program wrote to a connection that the other end had already closed.",
			causes: []string{
				"The server hung up after a line that it didn't like, and the client went on without reading its reply.",
				"The connection was kept open between mails for longer than the server allows.",
			},
			fixes: []Fix{
				{Controls, "Read the server's reply before the next command; a 421 or 554 is often waiting there unread."},
				{IT, "In the server's log, look for a timeout or a refusal just before."},
				{Controls, "Don't keep one connection open over long pauses."},
			},
			retry: RetryYes, sources: []string{"Go package net", "POSIX errno"}, see: []string{"smtp/disconnected", "ecom/20"},
		},
		any: []string{"broken pipe", "epipe", "brokenpipeerror", "[errno 32]", "pipe is being closed"},
	},
}
