package reply

import "slices"

// wireRules is errors below SMTP, as Go, Windows, Linux, Python, Java, .NET, curl,
// OpenSSL, Postfix, swaks and msmtp word them. The first that fits counts: the
// particular stand before the general, and TLS before TCP, since a fault of TLS
// often ends with a lost connection.
var wireRules = slices.Concat(wireTLSCerts, wireTLS, wireNames, wireSMTP, wireTCP, wireGeneral, wireMailers, wireOuter)

// winsockCode is a Windows Sockets error number and the rule that explains it.
type winsockCode struct {
	code int
	rule string // id of one of wireRules
}

// winsock is the numbers that a mail program on Windows may show.
var winsock = []winsockCode{
	{10013, "tcp/permission"},
	{10024, "tcp/too-many-files"},
	{10035, "tcp/would-block"},
	{10038, "tcp/closed"},
	{10048, "tcp/address-in-use"},
	{10049, "tcp/address-not-available"},
	{10050, "tcp/net-down"},
	{10051, "tcp/net-unreachable"},
	{10052, "tcp/net-reset"},
	{10053, "tcp/aborted"},
	{10054, "tcp/reset"},
	{10055, "tcp/no-buffers"},
	{10057, "tcp/not-connected"},
	{10058, "tcp/closed"},
	{10060, "tcp/timeout"},
	{10061, "tcp/refused"},
	{10064, "tcp/host-down"},
	{10065, "tcp/no-route"},
	{11001, "dns/not-found"},
	{11002, "dns/try-again"},
	{11003, "dns/unrecoverable"},
	{11004, "dns/no-records"},
}

// wireNames is faults of finding the server's address.
var wireNames = []textRule{
	{
		provider: "any",
		entry: entry{
			id: "dns/server-refused", title: "name server refuses the query",
			meaning: "The machine asked a name server and nothing listens there, so no name can be turned into an address.",
			causes: []string{
				"The resolver on this machine or in this container isn't running (127.0.0.1, ::1 or 127.0.0.53 in the line).",
				"The DNS address that was set is that of a machine which isn't a name server.",
			},
			fixes: []Fix{
				{IT, "Set the name server that the plant really has: /etc/resolv.conf on Linux, the network card's properties on Windows."},
				{IT, "Start the local resolver again: systemctl restart systemd-resolved, or dnsmasq."},
			},
			retry: RetryChange, sources: []string{"Go package net", "RFC 1035"}, see: []string{"dns/timeout"},
		},
		all: []string{"lookup ", "refused"},
		any: []string{"read udp", "dial udp", "read: connection refused"},
	},
	{
		provider: "any",
		entry: entry{
			id: "dns/timeout", title: "name server doesn't answer",
			meaning: "The question for the server's address got no answer from DNS in time. Nobody has tried to reach the mail server itself yet.",
			causes: []string{
				"The name server's address is wrong, or the firewall keeps UDP and TCP port 53 shut for this machine.",
				"The machine sits in a production network that has no way to DNS.",
				"The company's resolver can't reach the internet.",
			},
			fixes: []Fix{
				{IT, "Ask by hand from the same machine: nslookup HOST DNS-SERVER; no answer points at port 53 in the firewall."},
				{IT, "Enter a name server inside the production network, or put the mail server's address into the hosts file."},
				{Controls, "On a controller that takes an IP address for the server, use it and leave DNS out."},
			},
			retry: RetryLater, sources: []string{"Go package net", "RFC 1035", "curl manual"}, see: []string{"dns/try-again"},
		},
		any: []string{"dns query timed out", "etimeout", "resolving timed out", "read udp", "write udp", "name resolution timed out", "dns request timed out"},
	},
	{
		provider: "any",
		entry: entry{
			id: "dns/server-misbehaving", title: "name server fails",
			meaning: "The name server answered, but with an error (SERVFAIL or REFUSED) and no address.",
			causes: []string{
				"The domain's own name servers are down, or its DNSSEC signatures are broken.",
				"The resolver refuses questions from this network.",
				"A forwarder in the plant passes questions on to a server that is gone.",
			},
			fixes: []Fix{
				{IT, "Ask another resolver with dig HOST @9.9.9.9; where that works, mend the own one."},
				{IT, "Allow the plant's network in the resolver's access list."},
				{Provider, "If every resolver fails, the owner of the domain must mend its name servers."},
			},
			retry: RetryLater, sources: []string{"Go package net", "RFC 1035 section 4.1.1"}, see: []string{"dns/try-again"},
		},
		any: []string{"server misbehaving", "servfail", "esrvfail", "dns server failure", "dns server returned"},
	},
	{
		provider: "any",
		entry: entry{
			id: "dns/unrecoverable", title: "name lookup failed for good",
			meaning: "The resolver reports a failure that asking again won't cure.",
			causes: []string{
				"The resolver's set-up is broken, or its database files can't be read.",
				"The name server gave an answer that makes no sense.",
			},
			fixes: []Fix{
				{IT, "Check the resolver's set-up: ipconfig /all on Windows, resolv.conf and nsswitch.conf on Linux."},
				{IT, "On Windows, empty the cache by ipconfig /flushdns, and repair Winsock by netsh winsock reset if it stays."},
			},
			retry: RetryChange, sources: []string{"Windows Sockets error codes", "POSIX getaddrinfo"}, see: []string{"dns/not-found"},
		},
		any: []string{
			"non-recoverable", "nonrecoverable", "wsano_recovery", "eai_fail", "[errno -4]", "no_recovery", "error 11003", "errno 11003",
			"error: 11003", "# 11003", "code 11003", "code: 11003", "(11003)",
		},
	},
	{
		provider: "any",
		entry: entry{
			id: "dns/try-again", title: "name lookup failed for now",
			meaning: "The name couldn't be looked up at the moment; that says nothing about whether it exists.",
			causes: []string{
				"The machine has no network yet, as just after power-up, or the DNS server is out of reach.",
				"No name server is set at all.",
				"The domain's name servers are slow, or unreachable for a while.",
			},
			fixes: []Fix{
				{IT, "Check the network first, by pinging the router, and then DNS by nslookup of any well-known name."},
				{IT, "Start the service only when the network is up (After=network-online.target), or let it try again."},
				{Operator, "After a power cut, wait some minutes and send again."},
			},
			retry: RetryLater, sources: []string{"POSIX getaddrinfo", "Windows Sockets error codes", "Postfix"}, see: []string{"dns/timeout"},
		},
		any: []string{
			"temporary failure in name resolution", "eai_again", "[errno -3]", "host not found, try again", "wsatry_again",
			"temporary error during hostname resolution", "temporary name resolution", "temporary dns", "try again later: dns", "error 11002",
			"errno 11002", "error: 11002", "# 11002", "code 11002", "code: 11002", "(11002)",
		},
	},
	{
		provider: "any",
		entry: entry{
			id: "dns/no-records", title: "name exists without an address",
			meaning: "The name is known in DNS, but it has no record of the kind that was asked for: no address, or no mail server.",
			causes: []string{
				"The domain name was entered in the place of the mail server's (example.com for mail.example.com).",
				"The name has only an IPv6 address and IPv4 was asked for, or the other way round.",
				"The recipient's domain takes no mail.",
			},
			fixes: []Fix{
				{IT, "List what there is: nslookup -type=A HOST, then -type=MX DOMAIN, and enter the name that the MX points to."},
				{IT, "Add the missing A record in the plant's own DNS zone."},
			},
			retry: RetryChange, sources: []string{"Windows Sockets error codes", "POSIX getaddrinfo", "Postfix"}, see: []string{"dns/not-found"},
		},
		any: []string{
			"no data record of requested type", "no data record of the requested type", "no address associated with", "valid, but no data",
			"valid name, no data", "wsano_data", "eai_nodata", "[errno -5]", "enodata", "requested name is valid", "no such record", "error 11004",
			"errno 11004", "error: 11004", "# 11004", "code 11004", "code: 11004", "(11004)",
		},
	},
	{
		provider: "any",
		entry: entry{
			id: "dns/bad-address", title: "address of the server can't be read",
			meaning: "The server was given in a form that the program can't read: a wrong port, no port, or an address that isn't one.",
			causes: []string{
				"The port is missing or is a word that the system doesn't know.",
				"An IPv6 address stands without its square brackets.",
				"The field for the host holds the port too, or a whole web address.",
			},
			fixes: []Fix{
				{Controls, "Write host and port as the field wants them: mail.example.com:25, 192.168.0.1:25 or [2001:db8::1]:25."},
				{IT, "Look for blanks, a smtp:// in front or a second colon in the setting."},
			},
			retry: RetryChange, sources: []string{"Go package net", "POSIX getaddrinfo"}, see: []string{"dns/not-found"},
		},
		any: []string{
			"missing port in address", "too many colons in address", "unknown port", "invalid port", "servname not supported", "[errno -8]",
			"port out of range", "eai_service", "port number out of", "[errno -9]", "address family for hostname not supported",
		},
	},
	{
		provider: "any",
		entry: entry{
			id: "dns/not-found", title: "host name not found",
			meaning: "DNS says that there is no host of this name, so no connection was tried.",
			causes: []string{
				"The server's name is misspelt, or has a blank or a full stop too many.",
				"The name exists only in another DNS: an internal name asked of a public resolver, or the reverse.",
				"The server was moved or its domain has lapsed.",
			},
			fixes: []Fix{
				{IT, "Ask on the same machine with nslookup NAME, and compare with an answer from a PC in the office."},
				{IT, "Add the name to the DNS that the plant uses."},
				{Controls, "Copy the name anew from the provider's page; a controller that knows no DNS wants the IP address in its place."},
			},
			retry: RetryChange, sources: []string{"Go package net", "POSIX getaddrinfo", "Windows Sockets error codes", "curl manual"}, see: []string{"dns/no-records", "dns/try-again"},
		},
		any: []string{
			"no such host", "name or service not known", "nodename nor servname", "enotfound", "unknownhostexception", "unknown host",
			"host ist unbekannt", "remotename konnte nicht aufgel", "could not resolve host", "couldn't resolve host", "cannot resolve host", "cannot locate host", "host not found",
			"host or domain name not found", "remote name could not be resolved", "eai_noname", "[errno -2]", "wsahost_not_found",
			"name does not resolve", "curl: (6)", "nxdomain", "gaierror", "bad hostname", "error 11001", "errno 11001", "error: 11001", "# 11001",
			"code 11001", "code: 11001", "(11001)",
		},
	},
}
