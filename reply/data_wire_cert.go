package reply

// wireTLSCerts is faults of certificates, the particular ones first.
var wireTLSCerts = []textRule{
	{
		provider: "any",
		entry: entry{
			id: "tls/not-yet-valid", title: "certificate not yet valid",
			meaning: "The certificate begins to be valid at a later time than this machine's clock shows, so it isn't trusted yet.",
			causes: []string{
				"The clock of the machine that checks is wrong: a flat battery sets it back to 1970 or 2000.",
				"The certificate was made minutes ago on a machine whose clock is ahead.",
			},
			fixes: []Fix{
				{IT, "Compare date and zone of the machine with a good clock, and set it by NTP; panels and small controllers lose theirs without a battery."},
				{IT, "If the clock is right, wait until the certificate's first day or have it issued again."},
			},
			retry: RetryChange, sources: []string{"Go package crypto/x509", "RFC 5280 section 4.1.2.5"}, see: []string{"tls/expired"},
		},
		all: []string{"certificate"},
		any: []string{"certificate is not yet valid", "certificatenotyetvalid", " is before 20", "cert_not_yet_valid"},
	},
	{
		provider: "any",
		entry: entry{
			id: "tls/alert-expired", title: "the other end says that our certificate has expired",
			meaning: "The other end ended the handshake with the alert certificate_expired: it is our certificate that is out of date, or its clock that is wrong.",
			causes: []string{
				"This server's own certificate has run out, and the devices that connect to it notice.",
				"The device that connects has a clock that runs years ahead.",
			},
			fixes: []Fix{
				{IT, "Renew the certificate of this server, and reload the service that serves it."},
				{Operator, "Read the date on the device's panel, and correct it."},
			},
			retry: RetryChange, sources: []string{"RFC 8446 section 6.2", "OpenSSL"}, see: []string{"tls/expired"},
		},
		any: []string{
			"remote error: tls: expired certificate", "alert certificate expired", "certificate_expired", "alert number 45", "expired_cert_alert",
		},
	},
	{
		provider: "any",
		entry: entry{
			id: "tls/expired", title: "certificate expired",
			meaning: "The server's certificate is past its last day by the clock of the machine that checks, so that machine refuses to talk to it.",
			causes: []string{
				"Nobody renewed the server's certificate, or it was renewed and the mail service wasn't reloaded.",
				"An intermediate or root certificate in the chain has run out, while the server's own is still good.",
				"The checking machine's clock is far ahead.",
			},
			fixes: []Fix{
				{IT, "Look at the dates with openssl s_client -starttls smtp -connect HOST:25 piped into openssl x509 -noout -dates, then renew and reload."},
				{IT, "Where the dates are good, look at the chain and at the clock of the client; old devices need a root that they still trust."},
			},
			retry: RetryChange, sources: []string{"Go package crypto/x509", "OpenSSL", "RFC 5280 section 4.1.2.5"}, see: []string{"tls/not-yet-valid", "tls/alert-expired"},
		},
		any: []string{
			"certificate has expired", "certificate expired", "cert_has_expired", "expired certificate", "certificateexpiredexception",
			"cert_e_expired", "sec_e_cert_expired", "certificate chain is expired",
		},
	},
	{
		provider: "any",
		entry: entry{
			id: "tls/no-ip-name", title: "certificate doesn't name the IP address",
			meaning: "The client was given an IP address for the server, and the certificate only speaks for host names.",
			causes: []string{
				"The server is entered as 192.168.0.1 or the like, and TLS is on.",
				"The certificate was made for a name, as nearly all public ones are.",
			},
			fixes: []Fix{
				{IT, "Enter the server by the name in its certificate, and see that the client can resolve that name."},
				{IT, "For a certificate of your own authority, add the address as an IP subject alternative name."},
				{Controls, "An ECOM100 can't do TLS at all: let it talk to a relay in the plant by address and plain SMTP."},
			},
			retry: RetryChange, sources: []string{"Go package crypto/x509", "RFC 5280 section 4.2.1.6"}, see: []string{"tls/name-mismatch"},
		},
		any: []string{
			"doesn't contain any ip sans", "ip address mismatch", "no subject alternative names matching ip address", "is not in the cert's list",
			"no subject alternative names present",
		},
	},
	{
		provider: "any",
		entry: entry{
			id: "tls/common-name-only", title: "certificate without a subject alternative name",
			meaning: "The certificate has its host name only in the old Common Name field, which current TLS libraries don't read any more.",
			causes: []string{
				"An old script or an old authority issued the certificate.",
			},
			fixes: []Fix{
				{IT, "Issue it again with the host name as a DNS subject alternative name."},
			},
			retry: RetryChange, sources: []string{"Go package crypto/x509", "RFC 6125 section 6.4.4"}, see: []string{"tls/name-mismatch"},
		},
		any: []string{"legacy common name"},
	},
	{
		provider: "any",
		entry: entry{
			id: "tls/name-mismatch", title: "certificate is for another name",
			meaning: "The certificate is for another host name than the one that the client connected to, so it could be an impostor's.",
			causes: []string{
				"The client's set-up has an alias or a short name, and the certificate has the full one.",
				"A firewall or virus scanner intercepts TLS and shows a certificate of its own.",
				"DNS leads the name to the wrong machine, such as the web host of the domain.",
			},
			fixes: []Fix{
				{IT, "Put the exact name that the certificate lists into the client's set-up."},
				{IT, "Add the missing name to the server's certificate as a subject alternative name."},
				{IT, "See which machine answers: nslookup HOST, and the subject that openssl s_client -connect shows."},
			},
			retry: RetryChange, sources: []string{"Go package crypto/x509", "RFC 6125", "Python ssl"}, see: []string{"tls/no-ip-name"},
		},
		any: []string{
			"certificate is valid for", "certificate is not valid for", "hostname mismatch", "does not match target host name",
			"no alternative certificate subject name", "altname", "subject name does not match", "no subject alternative dns name matching",
			"no name matching", "namemismatch", "owner does not match hostname", "hostname/ip does not match", "doesn't match any of",
			"doesn't match either of", "host name does not match", "hostname does not match", "cert_e_cn_no_match",
		},
	},
	{
		provider: "any",
		entry: entry{
			id: "tls/self-signed-chain", title: "self-signed certificate in the chain",
			meaning: "The chain ends in a root that signed itself and that this machine doesn't trust: as a rule a company's own authority or a device that inspects TLS.",
			causes: []string{
				"A firewall or virus scanner opens TLS and signs the connection anew with its own authority.",
				"The company's own root certificate isn't in the client's trust store.",
			},
			fixes: []Fix{
				{IT, "Except the mail ports from TLS inspection for the plant's machines."},
				{IT, "Install the company's root on the client, in the store that the program really reads (Java and Python bring their own)."},
			},
			retry: RetryChange, sources: []string{"OpenSSL", "Node.js tls"}, see: []string{"tls/unknown-authority"},
		},
		any: []string{
			"self-signed certificate in certificate chain", "self signed certificate in certificate chain", "self_signed_cert_in_chain",
			"self-signed certificate in chain",
		},
	},
	{
		provider: "any",
		entry: entry{
			id: "tls/self-signed", title: "self-signed certificate",
			meaning: "The server shows a certificate that it signed itself, and the client has no reason to believe it.",
			causes: []string{
				"The mail server still has the certificate that was made when it was installed.",
				"It is an internal server whose certificate was never given to its clients.",
			},
			fixes: []Fix{
				{IT, "Give the server a certificate from an authority that the clients trust."},
				{IT, "Install exactly this certificate as trusted on the client, by its fingerprint; don't switch checking off."},
			},
			retry: RetryChange, sources: []string{"OpenSSL", "Python ssl"}, see: []string{"tls/unknown-authority"},
		},
		any: []string{"self-signed certificate", "self signed certificate", "depth_zero_self_signed", "self signed cert"},
	},
	{
		provider: "any",
		entry: entry{
			id: "tls/alert-unknown-ca", title: "the other end doesn't know our authority",
			meaning: "The other end sent the alert unknown_ca: it doesn't trust the authority behind the certificate that this end showed.",
			causes: []string{
				"A device with an old trust store connects to this server, and its list of roots ends years ago.",
				"This server leaves the intermediate certificate out.",
				"A client certificate from the wrong authority was shown to a server that asks for one.",
			},
			fixes: []Fix{
				{IT, "Serve the whole chain, leaf first and then the intermediates."},
				{IT, "Import the root into the device by its web page, or update its firmware."},
				{IT, "Where the device can do neither, let it use plain SMTP on a network of its own, up to a relay that does TLS."},
			},
			retry: RetryChange, sources: []string{"RFC 8446 section 6.2", "Go package crypto/tls"}, see: []string{"tls/unknown-authority"},
		},
		any: []string{"remote error: tls: unknown certificate authority", "alert unknown ca", "unknown_ca", "alert number 48"},
	},
	{
		provider: "any",
		entry: entry{
			id: "tls/alert-bad-certificate", title: "the other end refuses our certificate",
			meaning: "The other end looked at the certificate that this end showed and refused it, by one of the alerts bad_certificate, unsupported_certificate or certificate_unknown.",
			causes: []string{
				"The client can't make sense of the certificate: an elliptic-curve key or a long chain in front of old firmware.",
				"The client has pinned an older certificate of this server.",
				"A person or a setting in the mail program said no to the certificate.",
			},
			fixes: []Fix{
				{IT, "Offer a certificate with a 2048-bit RSA key and SHA-256, which nearly everything reads."},
				{IT, "On the client, delete the old pinned certificate and accept the new one."},
			},
			retry: RetryChange, sources: []string{"RFC 8446 section 6.2", "Go package crypto/tls"}, see: []string{"tls/alert-unknown-ca"},
		},
		any: []string{
			"bad_certificate", "tls: bad certificate", "alert bad certificate", "alert number 42", "unsupported_certificate",
			"tls: unsupported certificate", "alert unsupported certificate", "alert number 43", "certificate_unknown", "alert certificate unknown",
			"tls: unknown certificate", "alert number 46",
		},
		none: []string{"unknown certificate authority"},
	},
	{
		provider: "any",
		entry: entry{
			id: "tls/client-certificate", title: "client certificate wanted",
			meaning: "The server wants a certificate from the client, and it got none.",
			causes: []string{
				"The connector of the server is set to known machines only, and this client has no certificate.",
				"The client's certificate isn't set in its configuration, or its key can't be read.",
			},
			fixes: []Fix{
				{IT, "Give the client a certificate and a key of the authority that the server names, and enter both in its set-up."},
				{IT, "Or take the demand off for this client's address on the server."},
			},
			retry: RetryChange, sources: []string{"RFC 8446 section 6.2", "OpenSSL"},
		},
		any: []string{
			"certificate_required", "tls: certificate required", "alert certificate required", "alert number 116",
			"peer did not return a certificate", "client didn't provide a certificate",
		},
	},
	{
		provider: "any",
		entry: entry{
			id: "tls/incomplete-chain", title: "chain of certificates incomplete",
			meaning: "The server sent its own certificate without the intermediate one, so the client can't build the chain up to a root.",
			causes: []string{
				"The intermediate certificate is missing in the server's certificate file.",
				"Browsers fetch the missing link by themselves, and so nobody noticed before.",
			},
			fixes: []Fix{
				{IT, "Put the full chain into the mail server's certificate file (fullchain.pem, not cert.pem) and reload it."},
				{IT, "Count what arrives: openssl s_client -showcerts -starttls smtp -connect HOST:587 must show two certificates or more."},
			},
			retry: RetryChange, sources: []string{"Node.js tls", "OpenSSL", "RFC 8446 section 4.4.2"}, see: []string{"tls/unknown-authority"},
		},
		any: []string{"unable to verify the first certificate", "unable_to_verify_leaf_signature", "partialchain"},
	},
	{
		provider: "any",
		entry: entry{
			id: "tls/unknown-authority", title: "certificate of an unknown authority",
			meaning: "The certificate is signed by an authority that the checking machine doesn't know, and so it can't tell the server from an impostor.",
			causes: []string{
				"The company signs its servers' certificates itself, and the client hasn't got the company's root.",
				"The client's list of roots is old: a controller, a panel or Windows without updates.",
				"The server leaves out an intermediate certificate.",
			},
			fixes: []Fix{
				{IT, "Install the authority's root certificate on the client, or ca-certificates in a container."},
				{IT, "Have the server send its whole chain."},
				{Controls, "On an HMI or IPC, install the updates of the operating system or import the root by hand."},
			},
			retry: RetryChange, sources: []string{"Go package crypto/x509", "OpenSSL", "Jakarta Mail"}, see: []string{"tls/incomplete-chain", "tls/self-signed-chain"},
		},
		any: []string{
			"signed by unknown authority", "unable to get local issuer certificate", "unable_to_get_issuer_cert",
			"unable to get issuer certificate", "pkix path building failed", "unable to find valid certification path", "untrustedroot",
			"authority that is not trusted", "untrusted_root", "issuer is unknown", "got a known issuer", "certificate is not trusted",
			"certificate issuer is unknown", "server certificate not trusted", "untrusted issuer", "not trusted by the trust provider",
		},
	},
	{
		provider: "any",
		entry: entry{
			id: "tls/revoked", title: "certificate revoked",
			meaning: "The authority has taken the certificate back before its last day, as a rule since its key is no longer secret.",
			causes: []string{
				"The server's key was replaced, but the old certificate is still being served.",
				"The authority withdrew it for an error of its own.",
			},
			fixes: []Fix{
				{IT, "Get a new certificate with a new key, and serve it at once."},
			},
			retry: RetryChange, sources: []string{"RFC 5280 section 5", "OpenSSL"}, see: []string{"tls/revocation-unknown"},
		},
		any: []string{
			"certificate revoked", "certificate_revoked", "revoked certificate", "alert number 44", "certificate has been revoked",
			"crypt_e_revoked", "certificate is revoked",
		},
	},
	{
		provider: "any",
		entry: entry{
			id: "tls/revocation-unknown", title: "revocation can't be checked",
			meaning: "The client wanted to ask whether the certificate has been revoked, and couldn't reach the place that knows.",
			causes: []string{
				"The machine stands behind a firewall without access to the authority's CRL or OCSP address.",
				"Windows (Schannel) insists on the check, where other programs let it go.",
			},
			fixes: []Fix{
				{IT, "Let the machine reach the CRL and OCSP addresses in the certificate over HTTP, or a proxy that can."},
				{IT, "With curl on Windows, --ssl-revoke-best-effort shows whether this check alone is in the way."},
			},
			retry: RetryChange, sources: []string{"curl manual", "Windows Schannel"}, see: []string{"tls/revoked"},
		},
		any: []string{
			"crypt_e_no_revocation_check", "crypt_e_revocation_offline", "revocationstatusunknown", "revocation function was unable to check",
			"unable to get certificate crl", "revocation server was offline",
		},
	},
	{
		provider: "any",
		entry: entry{
			id: "tls/weak-key", title: "certificate or key too weak",
			meaning: "The certificate or the key exchange uses a short key or an old hash such as SHA-1, which the library refuses.",
			causes: []string{
				"The server's certificate has a 1024-bit key or a SHA-1 signature.",
				"The server offers short Diffie-Hellman parameters.",
				"The client's operating system was updated and asks for more than before.",
			},
			fixes: []Fix{
				{IT, "Issue the certificate again with 2048-bit RSA or P-256 and SHA-256; use 2048-bit DH parameters or ECDHE alone."},
				{IT, "Where the server is an old appliance, put a current relay in front of it, and lower no security level for the whole machine."},
			},
			retry: RetryChange, sources: []string{"OpenSSL", "Go package crypto/x509"}, see: []string{"tls/no-cipher"},
		},
		any: []string{
			"key too small", "key too weak", "md too weak", "dh_key_too_small", "ee_key_too_small", "ca_md_too_weak", "insecure algorithm",
			"signature algorithm is insecure", "algorithm constraints", "weak signature", "insecure key",
		},
	},
	{
		provider: "any",
		entry: entry{
			id: "tls/dane", title: "DANE record and certificate differ",
			meaning: "The recipient's domain publishes in DNS which certificate its mail server has (TLSA), and the server showed another, or the record couldn't be read.",
			causes: []string{
				"The recipient renewed its certificate and forgot the TLSA record.",
				"The own resolver doesn't check DNSSEC, or answers such queries with an error.",
			},
			fixes: []Fix{
				{Provider, "Publish a TLSA record for the new certificate; tell the recipient's postmaster, for nobody else can mend it."},
				{IT, "Check the resolver with dig +dnssec TLSA _25._tcp.HOST from the relay itself."},
			},
			retry: RetryLater, sources: []string{"RFC 7672", "Postfix"}, see: []string{"tls/verify-failed"},
		},
		any: []string{"tlsa lookup", "tlsa record", "dane tls"},
	},
	{
		provider: "any",
		entry: entry{
			id: "tls/verify-failed", title: "certificate check failed",
			meaning: "The client checked the server's certificate and it didn't pass; the line doesn't say which test it was.",
			causes: []string{
				"It has expired, is for another name, or comes from an authority that the client doesn't know.",
				"Something between the two intercepts TLS.",
			},
			fixes: []Fix{
				{IT, "Get the reason: openssl s_client -starttls smtp -verify_hostname HOST -connect HOST:587 ends with Verify return code and words."},
				{IT, "Mend what it names on the server; switching the check off leaves the password open to anyone on the way."},
			},
			retry: RetryChange, sources: []string{"RFC 5280 section 6", "Python ssl", ".NET System.Net.Mail", "Postfix"}, see: []string{"tls/expired", "tls/name-mismatch", "tls/unknown-authority"},
		},
		any: []string{
			"certificate verify failed", "certificate_verify_failed", "server certificate not verified", "remote certificate is invalid",
			"remote certificate was rejected", "certificate verification failed", "certificate validation failed", "curl: (60)",
			"ssl certificate problem", "certificate cannot be trusted", "x509: ", "certificateexception", "verify error:num=",
		},
	},
}
