package reply

// deviceCodes is what devices that send mail or scans show on their panels: Xerox and
// Oki machines, and a few of other makers that are known for sure. Other makes word
// the messages of scan jobs alike, hence their ids.
var deviceCodes = []deviceCode{
	{
		maker: "xerox", words: []string{"system cancel", "job"},
		entry: entry{
			id: "scan/system-canceled", title: "device stopped the scan itself",
			meaning: "The device gave up the scan because its document feeder told it that something was wrong with the sheet.",
			causes: []string{
				"Somebody lifted the edge of a long original off the trail sensor.",
				"A sensor of the document feeder is defective, or was never fitted.",
				"The feeder is set up for another size or kind of paper.",
			},
			fixes: []Fix{
				{Operator, "Scan again, and leave the sheet alone until the feeder has let it go."},
				{Operator, "If it comes back without anyone touching the sheet, have the feeder's sensors checked; mail and network are not to blame."},
			},
			retry: RetryYes, sources: []string{"guide to SMTP and device error codes"}, see: []string{"scan/job-canceled"},
		},
	},
	{
		maker: "xerox", words: []string{"job cancel"},
		entry: entry{
			id: "scan/job-canceled", title: "scan job deleted too early",
			meaning: "The job was deleted on the device before the whole of it had been transferred to the scan destination.",
			causes: []string{
				"Somebody pressed Stop or deleted the job in the list while it was being transferred.",
				"A time limit on the panel ended the job while the next sheet was awaited.",
			},
			fixes: []Fix{
				{Operator, "Scan again, and touch neither Stop nor the job list until the device says that the job is done."},
			},
			retry: RetryYes, sources: []string{"guide to SMTP and device error codes"}, see: []string{"scan/system-canceled"},
		},
	},
	{
		maker: "xerox", words: []string{"remote director", "lock"},
		entry: entry{
			id: "scan/lock-failure", title: "remote folder is locked",
			meaning: "The device marks the folder it scans to with a lock, and that lock couldn't be made or removed.",
			causes: []string{
				"A lock folder (.lck) of an earlier, broken-off scan is still there.",
				"The disk of the destination is full.",
				"The path or volume of the scan destination is entered wrong in the device.",
			},
			fixes: []Fix{
				{IT, "Delete the left-over folder ending in .lck in the destination, then have the sheet scanned again."},
				{IT, "Free space on that disk, or raise the quota of the device's account."},
				{IT, "Compare path, share and volume in the device's scan template with the server, letter by letter."},
			},
			retry: RetryChange, sources: []string{"guide to SMTP and device error codes"}, see: []string{"scan/transfer-failure"},
		},
	},
	{
		maker: "xerox", words: []string{"invalid protocol"},
		entry: entry{
			id: "scan/invalid-protocol", title: "protocol is off in the device",
			meaning: "The scan is to go out by a protocol (SMTP, FTP, SMB and so on) that isn't switched on in the device.",
			causes: []string{
				"The protocol was left off at installation or switched off for security.",
				"The scan template names another protocol than the one that was set up.",
			},
			fixes: []Fix{
				{IT, "Open the device's web page, go to its connectivity or protocols page, switch the protocol on, and restart the device."},
				{IT, "Choose in the template the protocol that the server really offers."},
			},
			retry: RetryChange, sources: []string{"guide to SMTP and device error codes"}, see: []string{"scan/transfer-failure"},
		},
	},
	{
		maker: "xerox", words: []string{"file transfer fail"},
		entry: entry{
			id: "scan/transfer-failure", title: "scan couldn't be transferred",
			meaning: "The device made the scan, but couldn't bring the file to its destination.",
			causes: []string{
				"The network is down, or the device has lost its link.",
				"The disk of the scan server is full.",
				"The path of the destination is wrong in the device.",
			},
			fixes: []Fix{
				{Operator, "See whether the device's network lamp is lit, and whether it prints from a PC."},
				{IT, "Check free space and access rights on the scan server."},
				{IT, "Enter the destination anew and send a test page; for scan to e-mail, try the same server with rungmail send --server ADDRESS:25 --from plc@example.com --to you@example.com."},
			},
			retry: RetryLater, sources: []string{"guide to SMTP and device error codes"}, see: []string{"scan/lock-failure", "tcp/net-unreachable"},
		},
	},
	{
		maker: "oki", code: "71", words: []string{"fuser error"},
		entry: entry{
			id: "oki/71", title: "fuser error",
			meaning: "The printer's fuser, which melts the toner to the paper, reports a fault. It has nothing to do with mail or network.",
			causes: []string{
				"The fuser is worn out or isn't seated properly.",
				"The main board can't read the fuser or drive it.",
			},
			fixes: []Fix{
				{Operator, "Let it cool, switch the printer off, seat the fuser again, and replace it if the code comes back."},
				{Operator, "If a new fuser doesn't help, have the main board checked by service."},
			},
			retry: RetryChange, sources: []string{"guide to SMTP and device error codes"}, see: []string{"oki/173"},
		},
	},
	{
		maker: "oki", code: "173", words: []string{"fuser", "temperature"},
		entry: entry{
			id: "oki/173", title: "fuser too cold",
			meaning: "The printer measures too low a temperature at the fuser after the time for heating up.",
			causes: []string{
				"The heater of the fuser is broken.",
				"The thermistor that measures the fuser is defective or dirty.",
				"The mains voltage is low, as on a long extension lead.",
			},
			fixes: []Fix{
				{Operator, "Replace the fuser, or have service replace the thermistor within it."},
				{Operator, "Plug the printer straight into the wall for a test."},
			},
			retry: RetryChange, sources: []string{"guide to SMTP and device error codes"}, see: []string{"oki/71"},
		},
	},
	{
		maker: "oki", code: "140", words: []string{"fatal error", "140"},
		entry: entry{
			id: "oki/140", title: "yellow drum up and down fault",
			meaning: "Fatal error 140: the printer lifts and lowers its image drums, and with the yellow drum that doesn't work as it should.",
			causes: []string{
				"The yellow image drum or its toner cartridge isn't seated well.",
				"The assembly of the sensor spring at the yellow drum's contact is out of place.",
			},
			fixes: []Fix{
				{Operator, "Take the yellow image drum out and seat it again; then do the same with the yellow toner cartridge."},
				{Operator, "If it comes back, have the sensor spring assembly at the yellow drum's contact seated again."},
			},
			retry: RetryChange, sources: []string{"guide to SMTP and device error codes"}, see: []string{"oki/141", "oki/142"},
		},
	},
	{
		maker: "oki", code: "141", words: []string{"fatal error", "141"},
		entry: entry{
			id: "oki/141", title: "magenta drum up and down fault",
			meaning: "Fatal error 141: the printer lifts and lowers its image drums, and with the magenta drum that doesn't work as it should.",
			causes: []string{
				"The magenta image drum or its toner cartridge isn't seated well.",
				"The assembly of the sensor spring at the magenta drum's contact is out of place.",
			},
			fixes: []Fix{
				{Operator, "Take the magenta image drum out and seat it again; then do the same with the magenta toner cartridge."},
				{Operator, "If it comes back, have the sensor spring assembly at the magenta drum's contact seated again."},
			},
			retry: RetryChange, sources: []string{"guide to SMTP and device error codes"}, see: []string{"oki/140", "oki/142"},
		},
	},
	{
		maker: "oki", code: "142", words: []string{"fatal error", "142"},
		entry: entry{
			id: "oki/142", title: "cyan drum up and down fault",
			meaning: "Fatal error 142: the printer lifts and lowers its image drums, and with the cyan drum that doesn't work as it should.",
			causes: []string{
				"The cyan image drum or its toner cartridge isn't seated well.",
				"The assembly of the sensor spring at the cyan drum's contact is out of place.",
			},
			fixes: []Fix{
				{Operator, "Take the cyan image drum out and seat it again; then do the same with the cyan toner cartridge."},
				{Operator, "If it comes back, have the sensor spring assembly at the cyan drum's contact seated again."},
			},
			retry: RetryChange, sources: []string{"guide to SMTP and device error codes"}, see: []string{"oki/140", "oki/141"},
		},
	},
	{
		maker: "oki", code: "020", words: []string{"fatal error", "020"},
		entry: entry{
			id: "oki/020", title: "power problem",
			meaning: "Fatal error 020: the printer found a fault of its power supply from the mains.",
			causes: []string{
				"The printer hangs on an extension lead, a multiple socket or a UPS that is too weak.",
				"The power cable is damaged or loose.",
				"The supply itself is poor, as on a circuit with large drives.",
			},
			fixes: []Fix{
				{Operator, "Plug the printer's power cable straight into a wall socket."},
				{Operator, "Try another power cable, and then a socket on another circuit."},
				{Controls, "Keep office devices off the circuits of drives and welders."},
			},
			retry: RetryChange, sources: []string{"guide to SMTP and device error codes"}, see: []string{"oki/engine"},
		},
	},
	{
		maker: "oki", words: []string{"error engine"},
		entry: entry{
			id: "oki/engine", title: "engine controller fault",
			meaning: "The controller of the print engine doesn't work; it is known from the Okidata Laser 400 series.",
			causes: []string{
				"The ROM chip of the engine controller is faulty or loose in its socket.",
				"The circuit board of the engine controller is broken.",
			},
			fixes: []Fix{
				{Operator, "Have the ROM chip replaced first."},
				{Operator, "If that doesn't help, have the circuit board of the engine controller replaced."},
			},
			retry: RetryChange, sources: []string{"guide to SMTP and device error codes"}, see: []string{"oki/71"},
		},
	},
	{
		maker: "canon", code: "801", words: []string{"#801"},
		entry: entry{
			id: "canon/801", title: "mail server didn't answer in time",
			meaning: "The Canon device had a connection to the SMTP server, or to a file server, and the exchange timed out.",
			causes: []string{
				"The server is slow or dropped the connection.",
				"The network between device and server loses packets.",
			},
			fixes: []Fix{
				{IT, "Look in the mail server's log for the device's address; no entry means that it never got through."},
				{IT, "From a PC at the same switch, run rungmail send --server ADDRESS:25 --from plc@example.com --to you@example.com and time it."},
			},
			retry: RetryLater, sources: []string{"Canon user guides, list of error codes"}, see: []string{"smtp/stage-timeout"},
		},
	},
	{
		maker: "canon", code: "802", words: []string{"#802"},
		entry: entry{
			id: "canon/802", title: "mail server's name wrong or unknown",
			meaning: "The Canon device can't turn the name of the SMTP server into an address.",
			causes: []string{
				"The server's name is misspelt in the device's settings.",
				"The device's DNS server is wrong or doesn't answer.",
			},
			fixes: []Fix{
				{IT, "In the device's network settings correct the SMTP server's name, or enter its IP address."},
				{IT, "Enter a DNS server that the device can reach, and ping it from the device's own menu."},
			},
			retry: RetryChange, sources: []string{"Canon user guides, list of error codes"}, see: []string{"dns/not-found"},
		},
	},
	{
		maker: "canon", code: "839", words: []string{"#839"},
		entry: entry{
			id: "canon/839", title: "login to the mail server refused",
			meaning: "The Canon device's user name or password for SMTP authentication wasn't accepted.",
			causes: []string{
				"The account's password was changed, or the provider now wants an app password.",
				"The provider no longer takes passwords for SMTP.",
			},
			fixes: []Fix{
				{IT, "Enter user and password anew under SMTP authentication in the device's web page."},
				{IT, "Where the provider has ended password logins, point the device at a relay in the plant."},
			},
			retry: RetryChange, sources: []string{"Canon user guides, list of error codes"}, see: []string{"smtp/login-denied", "basic/535"},
		},
	},
	{
		maker: "xerox", code: "016-503", words: []string{"016-503"},
		entry: entry{
			id: "xerox/016-503", title: "name of the mail server can't be resolved",
			meaning: "The Xerox device knows the SMTP server by name, and DNS gives it no address.",
			causes: []string{
				"The SMTP server's name or the DNS server's address is wrong in the device.",
				"The DNS server can't be reached from the printer network.",
			},
			fixes: []Fix{
				{IT, "Correct both in the device's web page under connectivity, then send a test mail."},
			},
			retry: RetryChange, sources: []string{"Xerox user guides, fault codes"}, see: []string{"dns/not-found", "dns/timeout"},
		},
	},
	{
		maker: "xerox", code: "016-764", words: []string{"016-764"},
		entry: entry{
			id: "xerox/016-764", title: "no connection to the mail server",
			meaning: "The Xerox device knows the address of the SMTP server and couldn't connect to it.",
			causes: []string{
				"The server is down, or its port isn't the one that is set.",
				"The firewall doesn't let the device out on that port.",
			},
			fixes: []Fix{
				{IT, "Check server and port in the device, and allow its address in the firewall."},
				{IT, "See from the same network whether the server takes anyone: rungmail send --server ADDRESS:25 --from plc@example.com --to you@example.com."},
			},
			retry: RetryChange, sources: []string{"Xerox user guides, fault codes"}, see: []string{"tcp/refused", "tcp/timeout"},
		},
	},
	{
		maker: "ricoh", words: []string{"authentication with the destination has failed"},
		entry: entry{
			id: "ricoh/authentication", title: "login to the destination failed",
			meaning: "The Ricoh device reached the mail server or the folder, and its user name or password was refused.",
			causes: []string{
				"User or password in the device is out of date.",
				"The mail provider takes no plain passwords from devices any more.",
			},
			fixes: []Fix{
				{Operator, "Press Scanned Files Status on the panel to see which destination it was."},
				{IT, "Correct the SMTP authentication in the device's system settings; the user is often the whole mail address."},
			},
			retry: RetryChange, sources: []string{"Ricoh user guides, messages of the scanner function"}, see: []string{"smtp/login-denied"},
		},
	},
	{
		maker: "ricoh", words: []string{"exceeded max. e-mail size"},
		entry: entry{
			id: "ricoh/size", title: "scan is larger than the device may mail",
			meaning: "The Ricoh device stopped the mail itself, since the scan is over the size that is set in it.",
			causes: []string{
				"The original has many pages, or was scanned in colour at a high resolution.",
				"The limit in the device is lower than what the mail server takes.",
			},
			fixes: []Fix{
				{Operator, "Scan fewer pages, in black and white or at 200 dpi."},
				{IT, "Raise Max. E-mail Size in the scanner features up to the server's limit, or let the device divide mails."},
			},
			retry: RetryChange, sources: []string{"Ricoh user guides, messages of the scanner function"}, see: []string{"basic/552", "enhanced/3.4"},
		},
	},
	{
		maker: "kyocera", code: "1101", words: []string{"send error", "1101"},
		entry: entry{
			id: "kyocera/1101", title: "mail server not found or not reached",
			meaning: "The Kyocera device couldn't send, since it found no SMTP server under the name that is set.",
			causes: []string{
				"The SMTP server's name is wrong in Command Center, or DNS doesn't know it.",
				"The device has no way to the network that the server is in.",
			},
			fixes: []Fix{
				{IT, "Open Command Center on the device's address, correct the SMTP server name and press Test there."},
			},
			retry: RetryChange, sources: []string{"Kyocera user guides, send errors"}, see: []string{"dns/not-found", "tcp/timeout"},
		},
	},
	{
		maker: "kyocera", code: "1102", words: []string{"send error", "1102"},
		entry: entry{
			id: "kyocera/1102", title: "user name or password refused",
			meaning: "The Kyocera device reached the server, which refused the user name or the password that the device logged in with.",
			causes: []string{
				"The password in the device is old, or the domain before the user name is missing.",
				"The account isn't allowed to send or to write there.",
			},
			fixes: []Fix{
				{IT, "Enter the login user name and password anew in the device and in the address book entry."},
				{IT, "Log in once by hand on a PC with the same account, to see whether it is locked."},
			},
			retry: RetryChange, sources: []string{"Kyocera user guides, send errors"}, see: []string{"smtp/login-denied"},
		},
	},
}
