package reply

// wireTLS is faults of TLS itself.
var wireTLS = []textRule{
	{
		provider: "any",
		entry: entry{
			id: "tls/wrapper-mode", title: "port speaks TLS from the first byte",
			meaning: "The client was set to talk plain SMTP first and STARTTLS then, but this port (465 as a rule) begins with TLS at once.",
			causes: []string{
				"Port 465 is entered, and the client's mode is still STARTTLS or none.",
			},
			fixes: []Fix{
				{IT, "Set the client to implicit TLS (SSL/TLS, wrapper mode) for port 465, or use 587 with STARTTLS."},
				{IT, "In Postfix, smtp_tls_wrappermode = yes together with smtp_tls_security_level = encrypt does it."},
			},
			retry: RetryChange, sources: []string{"RFC 8314 section 3.3", "Postfix"}, see: []string{"tls/plain-port"},
		},
		any: []string{"wrappermode"},
	},
	{
		provider: "any",
		entry: entry{
			id: "tls/plain-port", title: "TLS spoken to a port that isn't TLS",
			meaning: "One end began with TLS and the other with plain text. What came back was no TLS record but, as a rule, an SMTP greeting.",
			causes: []string{
				"Implicit TLS (SSL) is set for port 25 or 587, which begin in plain text and switch by STARTTLS.",
				"The other end is a plain service or a web proxy.",
				"A device without TLS talks to this server's TLS port, such as 465.",
			},
			fixes: []Fix{
				{IT, "Match port and mode: 465 is TLS at once, 587 and 25 are plain and then STARTTLS."},
				{IT, "Look at what answers: nc HOST 587 shows 220 at once where the port begins in plain text."},
				{Controls, "An ECOM100 needs a plain port; on 465 it ends with code 12."},
			},
			retry: RetryChange, sources: []string{"Go package crypto/tls", "OpenSSL", "RFC 8314"}, see: []string{"tls/wrapper-mode", "ecom/12"},
		},
		any: []string{
			"does not look like a tls handshake", "wrong version number", "wrong_version_number", "get_server_hello:unknown protocol",
			"unrecognized ssl message", "unexpected tls packet was received", "packet length too long", "packet_length_too_long",
			"record layer failure", "record_layer_failure", "unexpected packet format", "rx_record_too_long", ":http request", "http_request",
			"frame size or an incorrect frame",
		},
	},
	{
		provider: "any",
		entry: entry{
			id: "tls/legacy-renegotiation", title: "unsafe legacy renegotiation",
			meaning: "The server only knows the old, unsafe way of renegotiating TLS, and current libraries (OpenSSL 3) refuse to talk to it.",
			causes: []string{
				"The mail server, or a TLS box in front of it, hasn't been updated since 2010 or so.",
			},
			fixes: []Fix{
				{IT, "Update the server or the load balancer in front of it."},
				{IT, "Until then send through a relay of your own that is set to accept this one server."},
			},
			retry: RetryChange, sources: []string{"RFC 5746", "OpenSSL"},
		},
		any: []string{"unsafe legacy renegotiation", "unsafe_legacy_renegotiation"},
	},
	{
		provider: "any",
		entry: entry{
			id: "tls/protocol-version", title: "no TLS version in common",
			meaning: "The two ends have no version of TLS in common: as a rule an old device that stops at TLS 1.0, and a server that begins with 1.2.",
			causes: []string{
				"The device's firmware is from before TLS 1.2.",
				"The server's or the provider's minimum was raised; the big providers dropped 1.0 and 1.1 years ago.",
				"An old .NET or Java program has its version fixed in its settings.",
			},
			fixes: []Fix{
				{IT, "Update the device's firmware, and tick TLS 1.2 on its web page if it has the choice."},
				{IT, "Let the old device send to a relay in the plant, which speaks current TLS to the provider."},
				{Controls, "For .NET 4.x programs, set SchUseStrongCrypto and SystemDefaultTlsVersions in the registry, and start them again."},
			},
			retry: RetryChange, sources: []string{"RFC 8446 section 6.2", "RFC 8996", "Go package crypto/tls"}, see: []string{"tls/no-cipher"},
		},
		any: []string{
			"protocol version not supported", "protocol_version", "alert protocol version", "alert number 70", "unsupported protocol",
			"unsupported_protocol", "offered only unsupported versions", "unsupported protocol version", "no supported versions satisfy",
			"no protocols available", "no_protocols_available", "no appropriate protocol", "version too low", "version_too_low",
			"inappropriate_fallback", "inappropriate fallback",
		},
		none: []string{"curl: (1)"},
	},
	{
		provider: "any",
		entry: entry{
			id: "tls/no-cipher", title: "no cipher in common",
			meaning: "Both ends speak TLS, but they have no cipher suite or curve that both allow.",
			causes: []string{
				"An old device offers only RC4, 3DES or CBC suites, which the server has switched off.",
				"The server has only an elliptic-curve certificate, and the device knows RSA alone.",
				"A hardening template cut the list of one end too short.",
			},
			fixes: []Fix{
				{IT, "List what the server takes with nmap --script ssl-enum-ciphers -p 465, and what the device offers with a capture of its ClientHello."},
				{IT, "Add an RSA certificate beside the elliptic-curve one, and one ECDHE-RSA-AES128-GCM suite."},
				{IT, "Put a relay between that the device can reach without TLS, on the machine network only."},
			},
			retry: RetryChange, sources: []string{"Go package crypto/tls", "OpenSSL", "Windows Schannel"}, see: []string{"tls/protocol-version"},
		},
		any: []string{
			"no cipher suite supported by both", "no shared cipher", "no_shared_cipher", "no ciphers available", "no_ciphers_available",
			"no cipher suites in common", "common algorithm", "algorithm_mismatch", "insufficient security", "insufficient_security",
			"alert number 71", "no cipher match", "no_cipher_match", "no supported cipher",
		},
	},
	{
		provider: "any",
		entry: entry{
			id: "tls/unrecognized-name", title: "server doesn't know the name asked for",
			meaning: "The client named a host in the TLS handshake (SNI), and the server has no certificate for that name.",
			causes: []string{
				"The client reaches the server by an alias or an old name.",
				"The server's list of names lacks this one after a move.",
			},
			fixes: []Fix{
				{IT, "Use the server's proper name in the client's set-up."},
				{IT, "Add the name and its certificate to the server's TLS configuration."},
			},
			retry: RetryChange, sources: []string{"RFC 6066 section 3", "Go package crypto/tls"}, see: []string{"tls/name-mismatch"},
		},
		any: []string{"unrecognized_name", "unrecognized name", "alert number 112"},
	},
	{
		provider: "any",
		entry: entry{
			id: "tls/no-application-protocol", title: "no application protocol in common",
			meaning: "The client asked for certain protocols in the handshake (ALPN), and the server speaks none of them.",
			causes: []string{
				"The client thinks it talks to a web server: the port or the library is the wrong one.",
				"A load balancer only lets HTTP through on this port.",
			},
			fixes: []Fix{
				{IT, "Check that the port is the mail server's own, and that no web proxy stands in front of it."},
				{Controls, "In a program of your own, give the TLS library no protocol list for SMTP."},
			},
			retry: RetryChange, sources: []string{"RFC 7301 section 3.2", "Go package crypto/tls"}, see: []string{"tls/plain-port"},
		},
		any: []string{"no_application_protocol", "no application protocol", "alert number 120"},
	},
	{
		provider: "any",
		entry: entry{
			id: "tls/bad-record", title: "TLS record damaged",
			meaning: "A TLS record arrived that couldn't be decrypted or whose check value is wrong, so the connection was given up.",
			causes: []string{
				"Something between the two changes the packets: an inspecting firewall, a faulty switch or network card.",
				"One of the two programs has a fault in its TLS.",
			},
			fixes: []Fix{
				{IT, "Switch inspection and offloading off for a test; a fault that goes away with another network card or path is in the hardware."},
				{IT, "Update the TLS library or the firmware of both ends."},
			},
			retry: RetryYes, sources: []string{"RFC 8446 section 6.2", "OpenSSL"}, see: []string{"tls/unexpected-message"},
		},
		any: []string{
			"bad record mac", "bad_record_mac", "decryption failed", "decrypt error", "decrypt_error", "error decrypting message",
			"error decoding message", "decode_error", "alert number 20", "alert number 51", "alert number 50",
		},
	},
	{
		provider: "any",
		entry: entry{
			id: "tls/unexpected-message", title: "TLS message out of turn",
			meaning: "One end got a TLS message that doesn't belong at this point, and ended the handshake.",
			causes: []string{
				"Plain text and TLS got mixed: a line of SMTP was still on its way when STARTTLS began.",
				"The two TLS libraries disagree, mostly an old one with a new one.",
			},
			fixes: []Fix{
				{IT, "Send STARTTLS alone and wait for its 220 before the handshake; fix clients that send more in the same packet."},
				{IT, "Try again with TLS 1.2 as the highest version; if that works, the older end needs an update."},
			},
			retry: RetryChange, sources: []string{"RFC 8446 section 6.2", "RFC 3207 section 4"}, see: []string{"tls/plain-port"},
		},
		any: []string{"unexpected_message", "unexpected message", "alert number 10", "illegal_parameter", "illegal parameter", "alert number 47"},
	},
	{
		provider: "any",
		entry: entry{
			id: "tls/internal-error", title: "the other end's TLS failed",
			meaning: "The other end gave up the handshake for a fault of its own, and says no more (alert internal_error).",
			causes: []string{
				"The server can't read its certificate or key, or has none for the name that was asked for.",
				"It is short of memory, or its TLS module crashed.",
			},
			fixes: []Fix{
				{IT, "Read the server's own log at that second; the alert tells the client nothing more."},
				{Provider, "Where it is a provider's server, report the time and your address to its support."},
			},
			retry: RetryLater, sources: []string{"RFC 8446 section 6.2", "Go package crypto/tls"}, see: []string{"basic/454"},
		},
		any: []string{"tls: internal error", "alert internal error", "internal_error", "alert number 80"},
	},
	{
		provider: "any",
		entry: entry{
			id: "tls/handshake-timeout", title: "TLS handshake took too long",
			meaning: "The TCP connection stands, but the TLS handshake didn't come to an end in time.",
			causes: []string{
				"The port is a plain one and waits for a command, while the client waits for TLS.",
				"Large handshake packets get lost: an MTU that is too big on a VPN or radio link.",
				"The server is overloaded, or waits for an authority's answer about revocation.",
			},
			fixes: []Fix{
				{IT, "Check port and mode first: 465 with TLS at once, 587 with STARTTLS."},
				{IT, "Test the path with ping and the do-not-fragment bit at 1472 bytes, and lower the MTU on a VPN if that fails."},
			},
			retry: RetryLater, sources: []string{"Python ssl", "Go package crypto/tls"}, see: []string{"tls/plain-port", "tcp/timeout"},
		},
		any: []string{
			"handshake operation timed out", "tls handshake timeout", "handshake timed out", "ssl connection timeout", "ssl connection timed out",
		},
	},
	{
		provider: "any",
		entry: entry{
			id: "tls/cut-off", title: "connection ended within the TLS handshake",
			meaning: "The other end closed the connection in the middle of the TLS handshake, without an alert that would say why.",
			causes: []string{
				"A firewall filters by name or refuses this TLS version, and drops the connection.",
				"The server has no certificate for this port, and its service falls over.",
				"The server wants a client certificate, or doesn't take this address.",
			},
			fixes: []Fix{
				{IT, "Repeat it with openssl s_client from another network; where it works there, look at the firewall of this one."},
				{IT, "See in the server's log what it did with the connection."},
			},
			retry: RetryChange, sources: []string{"OpenSSL", "Node.js tls", "Jakarta Mail"}, see: []string{"tls/handshake-failure", "tcp/reset"},
		},
		any: []string{
			"unexpected eof while reading", "unexpected_eof_while_reading", "eof occurred in violation of protocol", "ssl_error_syscall",
			"remote host terminated the handshake", "closed connection during handshake", "before secure tls connection was established",
			"non-properly terminated", "received an unexpected eof or 0 bytes", "peer closed connection in ssl handshake",
		},
	},
	{
		provider: "any",
		entry: entry{
			id: "tls/starttls-missing", title: "server offers no STARTTLS",
			meaning: "The client insists on TLS, and the server's answer to EHLO has no STARTTLS in it.",
			causes: []string{
				"TLS isn't set up on that server, or only on another port.",
				"A firewall that inspects SMTP strips STARTTLS from the answer.",
				"The server offers TLS to some networks only.",
			},
			fixes: []Fix{
				{IT, "Look at the answer to EHLO by openssl s_client -starttls smtp, or by swaks --quit-after EHLO, from inside and from outside the firewall."},
				{IT, "Give the server a certificate and switch STARTTLS on, or use 465 with TLS from the start."},
				{IT, "Switch SMTP inspection off in the firewall if STARTTLS is there on its other side."},
			},
			retry: RetryChange, sources: []string{"RFC 3207", "Python smtplib", "Postfix"}, see: []string{"smtp/inspected", "basic/530"},
		},
		any: []string{
			"starttls extension not supported", "does not support starttls", "doesn't support starttls", "starttls is required but",
			"did not advertise starttls", "was not offered by host", "does not support tls via the starttls", "does not support secure connections",
			"starttls not available", "starttls not supported", "starttls is not supported", "tls is required, but was not offered",
			"requested ssl level failed",
		},
		none: []string{"smtputf8"},
	},
	{
		provider: "any",
		entry: entry{
			id: "tls/starttls-failed", title: "switch to TLS failed",
			meaning: "The server offered STARTTLS and agreed to it, and then the handshake failed; the line doesn't say more.",
			causes: []string{
				"The two have no TLS version or cipher in common.",
				"The server's certificate or key is broken.",
				"An inspecting firewall lets STARTTLS pass and then can't follow.",
			},
			fixes: []Fix{
				{IT, "Repeat it with openssl s_client -starttls smtp -connect HOST:25, whose last lines name the alert."},
				{IT, "In Postfix, set smtp_tls_loglevel = 1 and look at the line before this one."},
				{IT, "For mail from server to server, security level may lets the mail go out plain until the other side is mended."},
			},
			retry: RetryLater, sources: []string{"RFC 3207 section 4", "Postfix", "swaks"}, see: []string{"tls/handshake-failure", "basic/454"},
		},
		any: []string{
			"cannot start tls", "could not convert socket to tls", "tls startup failed", "starttls failed", "failed to start tls",
			"tls negotiation failed",
		},
	},
	{
		provider: "any",
		entry: entry{
			id: "tls/handshake-failure", title: "TLS handshake failed",
			meaning: "The two ends couldn't agree on how to encrypt, and one of them ended the handshake.",
			causes: []string{
				"They share no TLS version, cipher or kind of certificate.",
				"The server wants a client certificate, or another host name in the handshake.",
				"One end has an old library: a printer, a panel, Windows without updates.",
			},
			fixes: []Fix{
				{IT, "Compare the two with openssl s_client -tls1_2 and then -tls1_3; the version that works shows where to look."},
				{IT, "Update the older end, or put a relay that speaks to both between them."},
			},
			retry: RetryChange, sources: []string{"RFC 8446 section 6.2", "Go package crypto/tls", "curl manual", ".NET System.Net.Mail"}, see: []string{"tls/protocol-version", "tls/no-cipher"},
		},
		any: []string{
			"handshake failure", "handshake_failure", "alert number 40", "curl: (35)", "ssl connect error", "tls connect error", "handshake failed",
			"sslhandshakeexception", "ssl_connect error", "authentication failed, see inner exception", "tls handshake error",
			"could not create ssl/tls secure channel",
		},
	},
}
