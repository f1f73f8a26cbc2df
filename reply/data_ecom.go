package reply

// ecomEntry is a status code of the ECOM100, in decimal (seeds/000 appendix).
type ecomEntry struct {
	code int
	entry
}

// ecomClass is a range of status codes, for those without an entry of their own.
type ecomClass struct {
	first, last int // both in it
	entry
}

// ecomEntries is the module's own codes; a timeout's last digit is the state that
// the conversation was in.
var ecomEntries = []ecomEntry{
	{
		code: 0,
		entry: entry{
			id: "ecom/0", title: "success",
			meaning: "The mail server has the mail: it answered 250 to the end of it. Whether it has been delivered or read, the controller can't know.",
			causes: []string{
				"The conversation went through to the last step, so the Success bit is on and the Error Code word is 0.",
			},
			fixes: []Fix{
				{Operator, "If nobody got the mail, look into the sender's mailbox for a bounce and into the spam folder of the recipient."},
				{IT, "Search the mail server's log for the sender's address at the time of the trace; the mail is in its queue, gone on or bounced."},
			},
			retry: RetryNone, sources: []string{"ECEMAIL theory of operation, appendix", "ECEMAIL theory of operation, section 9"}, see: []string{"basic/250"},
		},
	},
	{
		code: 1,
		entry: entry{
			id: "ecom/1", title: "busy",
			meaning: "The box has started a request and waits for its end. Success and Error are both off while the word is 1.",
			causes: []string{
				"The conversation with the mail server is under way; it may take as long as the module's timeout allows.",
				"The CPU left RUN in the middle of a request, so that the box never saw the end of it.",
				"The rung isn't scanned any more, for instance in a stage that was left or behind a GOTO, and so the box can't finish.",
			},
			fixes: []Fix{
				{Controls, "Let the program wait for the Success bit or the Error bit and never for a change of the Error Code word alone."},
				{Controls, "Keep the ECOM100 box at the top of the program, and both it and the ECEMAIL rung in every scan; rungmail check says whether both are right."},
			},
			retry: RetryNone, sources: []string{"ECEMAIL theory of operation, appendix", "ECEMAIL theory of operation, section 9"},
		},
	},
	{
		code: 10,
		entry: entry{
			id: "ecom/10", title: "timeout before the module began to connect",
			meaning: "The time ran out in state 0, before the module opened a connection. A Rungmail module can't give it: nothing stalls before connecting there.",
			causes: []string{
				"An older hardware module was still at work on something else when the time ran out.",
				"Another instruction writes the Error Code word, for 10 can't come from Rungmail.",
			},
			fixes: []Fix{
				{Controls, "Look in the cross reference for a second use of the Error Code word; 10 is KA in ladder."},
				{Controls, "On a hardware module, load current firmware with NetEdit and watch the next mail in the SMTP Viewer."},
			},
			retry: RetryLater, sources: []string{"ECEMAIL theory of operation, appendix", "docs/compatibility.md"}, see: []string{"ecom/11"},
		},
	},
	{
		code: 11,
		entry: entry{
			id: "ecom/11", title: "timeout while connecting",
			meaning: "No TCP connection to the mail server came about before the module's timeout. Refused and unreachable count too: the module goes on trying until then.",
			causes: []string{
				"Server address or port in the module's e-mail set-up is wrong; the module takes an IP address and knows no names.",
				"The server is in another subnet, and the module's mask or gateway doesn't lead there.",
				"A firewall on the way or on the server doesn't let the module's address through to port 25.",
				"The Ethernet cable is out, the switch port is down, or the mail server isn't running.",
			},
			fixes: []Fix{
				{Controls, "Compare server address, port, subnet mask and gateway on an ECOM100's web page with what IT names; for a virtual module, compare server and port under [rack.module.email] in the plant file."},
				{Controls, "From a PC in the module's place and with its address, run rungmail send --server ADDRESS:25 --from plc@example.com --to you@example.com; what fails there isn't the module's fault."},
				{IT, "Allow the module's IP address to reach the mail server's port in every firewall between the two."},
				{Controls, "See how your ladder takes this code: rungmail try examples/widget-report.rll --fail connect=stall."},
			},
			retry: RetryChange, sources: []string{"ECEMAIL theory of operation, appendix", "ECEMAIL theory of operation, section 10"}, see: []string{"tcp/refused", "tcp/timeout", "tcp/no-route"},
		},
	},
	{
		code: 12,
		entry: entry{
			id: "ecom/12", title: "timeout waiting for the greeting or the answer to HELO",
			meaning: "The connection stands, but the server's 220 line or its answer to HELO didn't come in time. The trace shows State 0x2, or nothing after Sending HELO msg.",
			causes: []string{
				"The server looks up the module's address in DNS before it greets, and the reverse lookup hangs.",
				"The server makes strangers wait with its greeting, to fend off spam.",
				"The port belongs to something that speaks TLS from the first byte, such as 465, and so both sides wait.",
				"The server is overloaded and takes connections that it doesn't serve.",
			},
			fixes: []Fix{
				{IT, "Give the module's address a PTR record, or switch reverse lookups off for the plant's network."},
				{IT, "Exempt the module from greeting delays such as Postfix postscreen or Exchange tarpitting."},
				{Controls, "Use the plain SMTP port, 25 as a rule, and raise the timeout to twice the slowest greeting seen in the trace."},
				{Controls, "Rehearse it: rungmail try examples/widget-report.rll --fail greeting=stall --timeout 30s."},
			},
			retry: RetryChange, sources: []string{"ECEMAIL theory of operation, appendix", "ECEMAIL theory of operation, section 10"}, see: []string{"tls/plain-port", "smtp/greeting-timeout"},
		},
	},
	{
		code: 13,
		entry: entry{
			id: "ecom/13", title: "timeout waiting for the answer to MAIL FROM",
			meaning: "The server took HELO and then left MAIL FROM without an answer until the time was up.",
			causes: []string{
				"The server checks the sender's domain in DNS, or asks a directory for the account, and that takes too long.",
				"A content or spam filter ahead of the server holds the command back.",
			},
			fixes: []Fix{
				{IT, "Look in the server's log for the sender's address: slow DNS or directory lookups show as a gap of many seconds."},
				{Controls, "Set a sender address that exists on that server, in the e-mail set-up or by ECEMSUP."},
				{Controls, "Raise the module's timeout; it counts for the whole conversation, and the default is 60 seconds."},
			},
			retry: RetryLater, sources: []string{"ECEMAIL theory of operation, appendix", "ECEMAIL theory of operation, section 10"}, see: []string{"ecom/14"},
		},
	},
	{
		code: 14,
		entry: entry{
			id: "ecom/14", title: "timeout waiting for the answer to RCPT TO",
			meaning: "The server took the sender, but the answer for one of the recipients didn't come in time.",
			causes: []string{
				"The server asks the recipient's own mail system whether the mailbox exists before it answers.",
				"There are many recipients in To and Cc; each costs a question and an answer, and one timeout covers all.",
				"The server slows down on purpose after refused recipients.",
			},
			fixes: []Fix{
				{Controls, "Count the recipients: allow five seconds for each on top of ten, or mail one distribution list in place of many people."},
				{IT, "Switch off recipient verification by call-out for mail from the plant, or make it answer from a cache."},
				{Controls, "Try it out with rungmail try examples/widget-report.rll --cc a@example.com,b@example.com --fail rcpt:2=stall."},
			},
			retry: RetryLater, sources: []string{"ECEMAIL theory of operation, appendix", "ECEMAIL theory of operation, section 10"}, see: []string{"ecom/13", "basic/450"},
		},
	},
	{
		code: 15,
		entry: entry{
			id: "ecom/15", title: "timeout waiting for the answer to DATA",
			meaning: "All recipients stand, but 354, the word to go on, didn't come in time.",
			causes: []string{
				"A filter in front of the server opens its own connection to the next system at DATA, and that one hangs.",
				"The timeout was nearly used up by the steps before, so that DATA only got the rest.",
			},
			fixes: []Fix{
				{Controls, "Add up the times in the trace: where RCPT TO took most of the time, a longer timeout will help."},
				{IT, "Look at mail proxies and virus scanners between module and server; their logs name the connection that hangs."},
			},
			retry: RetryLater, sources: []string{"ECEMAIL theory of operation, appendix", "ECEMAIL theory of operation, section 10"}, see: []string{"basic/354", "ecom/14"},
		},
	},
	{
		code: 16,
		entry: entry{
			id: "ecom/16", title: "timeout while sending the head of the mail",
			meaning: "The server said 354, and then the head lines with the subject couldn't be written before the time was up.",
			causes: []string{
				"Packets get lost on the way, on a radio link or a port with a duplex mismatch, and TCP sends again and again.",
				"A firewall inspects SMTP and holds back what comes after 354.",
			},
			fixes: []Fix{
				{IT, "Read the error counters of the switch port where the module is plugged in; set both ends to autonegotiation."},
				{Controls, "Swap the Ethernet cable and watch Link and activity lamps of the module while a mail goes out."},
				{Controls, "Rehearse it with rungmail try examples/widget-report.rll --fail subject=stall."},
			},
			retry: RetryLater, sources: []string{"ECEMAIL theory of operation, appendix", "ECEMAIL theory of operation, section 10"}, see: []string{"ecom/17"},
		},
	},
	{
		code: 17,
		entry: entry{
			id: "ecom/17", title: "timeout while sending the body of the mail",
			meaning: "The head of the mail went out, the body didn't before the time was up. The server hasn't got a whole mail and will drop it.",
			causes: []string{
				"The link is so lossy that even a hundred bytes don't get through.",
				"The server, or a box in front of it, has stopped reading: its disk is full or its filter hangs.",
			},
			fixes: []Fix{
				{IT, "Capture the traffic at the server: packets that are repeated point at the link, a zero window at the server."},
				{Controls, "Send the same mail from a PC at the same switch by rungmail send --server ADDRESS:25 --from plc@example.com --to you@example.com, and compare how long it takes."},
			},
			retry: RetryLater, sources: []string{"ECEMAIL theory of operation, appendix", "ECEMAIL theory of operation, section 10"}, see: []string{"ecom/16", "tcp/write-timeout"},
		},
	},
	{
		code: 18,
		entry: entry{
			id: "ecom/18", title: "timeout waiting for the answer to the end of the mail",
			meaning: "The whole mail went out, but the final 250 didn't come in time. The server may have taken it all the same, so sending again may deliver it twice.",
			causes: []string{
				"The server runs virus and spam checks before it answers, and they take longer than the module waits.",
				"The server writes to a slow or busy disk before it says 250.",
			},
			fixes: []Fix{
				{Controls, "Raise the timeout to twice the slowest good mail, up to 300 seconds; ECEMSUP can do it while the program runs."},
				{IT, "Compare the time of the end of data in the server's log with that of its 250; scan after taking the mail if that gap is long."},
				{Operator, "Ask the recipients before sending again by hand, for the mail may have arrived."},
				{Controls, "Rehearse it: rungmail try examples/widget-report.rll --fail end=stall."},
			},
			retry: RetryLater, sources: []string{"ECEMAIL theory of operation, appendix", "ECEMAIL theory of operation, section 10", "RFC 5321 section 4.5.3.2.6"}, see: []string{"smtp/end-unsure"},
		},
	},
	{
		code: 19,
		entry: entry{
			id: "ecom/19", title: "timeout in an unknown state",
			meaning: "The time ran out in a state 9 that the conversation hasn't got. Rungmail never gives this code.",
			causes: []string{
				"Another instruction in the program writes the word that the box uses as its Error Code.",
				"A hardware module has firmware whose states nobody has written down.",
			},
			fixes: []Fix{
				{Controls, "See in the cross reference whether anything but the ECEMAIL box outputs to that register; 19 is K13 in ladder."},
				{Controls, "With a hardware module, note its OS version and the SMTP Viewer trace, and ask its maker."},
			},
			retry: RetryLater, sources: []string{"ECEMAIL theory of operation, appendix", "docs/compatibility.md"}, see: []string{"ecom/18"},
		},
	},
	{
		code: 20,
		entry: entry{
			id: "ecom/20", title: "TCP write error",
			meaning: "The connection was closed or broken in the middle of the conversation, so that nothing more could be written.",
			causes: []string{
				"The server hung up without a word, often since it doesn't like the module's address or has too many connections.",
				"A firewall or an intrusion filter cut the connection with a reset.",
				"The cable or the switch port failed while the mail was on its way.",
			},
			fixes: []Fix{
				{Controls, "Read the last Received data line of the trace: what the module sent next is what the server hung up on."},
				{IT, "Look up the module's address in the logs of mail server and firewall at that second."},
				{Controls, "See what the ladder makes of it: rungmail try examples/widget-report.rll --fail mail=drop, and again with mail=reset."},
			},
			retry: RetryLater, sources: []string{"ECEMAIL theory of operation, appendix", "docs/compatibility.md"}, see: []string{"smtp/disconnected", "tcp/reset"},
		},
	},
	{
		code: 21,
		entry: entry{
			id: "ecom/21", title: "no recipient",
			meaning: "Neither the box's To nor the Cc list of the module's working copy names anyone, so nothing was sent.",
			causes: []string{
				"To is empty in the box, and the Cc list that was meant to take its place has been cleared.",
				"ECEMSUP or an ECOM100's web page changed Cc, or ECEMRDS brought back an old copy without one.",
			},
			fixes: []Fix{
				{Controls, "Fill in To in the ECEMAIL box, with commas between addresses."},
				{Controls, "Fill in Cc on an ECOM100's page setupsmtp.html, press Send there and power it off and on; for a virtual module, fill in cc under [rack.module.email] in the plant file; or write it by ECEMSUP."},
			},
			retry: RetryChange, sources: []string{"ECEMAIL theory of operation, appendix", "ECEMAIL theory of operation, section 6"}, see: []string{"ecom/24"},
		},
	},
	{
		code: 22,
		entry: entry{
			id: "ecom/22", title: "invalid state",
			meaning: "The server's answer doesn't belong to the step that the conversation was in, so the module and the server were out of step.",
			causes: []string{
				"The server answered with a success or go-on code of the wrong kind, such as 354 to MAIL FROM.",
				"A firewall that inspects SMTP swallowed or added a line.",
				"The box was already at 1 when the program began to run, or its ECOM100 box was changed while it was busy.",
			},
			fixes: []Fix{
				{Controls, "Compare the Received data lines of the trace with a good one: the greeting is 220, DATA gets 354, all the rest 250."},
				{IT, "Switch SMTP inspection off for this connection in the firewall (fixup, ESMTP inspection, ALG)."},
				{Controls, "Rehearse it with rungmail try examples/widget-report.rll --fail mail='354 go on'."},
			},
			retry: RetryYes, sources: []string{"ECEMAIL theory of operation, appendix", "docs/compatibility.md"}, see: []string{"smtp/inspected", "ecom/23"},
		},
	},
	{
		code: 23,
		entry: entry{
			id: "ecom/23", title: "invalid data",
			meaning: "Something isn't what it must be: an answer that is no SMTP reply, or a text over the limit of the backplane.",
			causes: []string{
				"The port belongs to another service, such as a web server or a telnet prompt, whose text doesn't begin with three digits.",
				"To, Subject and Body came to more than 103 bytes at run time, with PLC variables at their longest.",
				"The server's line is longer than 512 bytes, or the reply has more than a hundred lines.",
			},
			fixes: []Fix{
				{Controls, "Look at Received data in the trace: text without a three-digit code at its front comes from the wrong port."},
				{Controls, "Run rungmail check on the program; it names the bytes that each ECEMAIL needs at its longest."},
				{Controls, "Move addresses from To into the module's Cc list, to make room for Subject and Body."},
			},
			retry: RetryChange, sources: []string{"ECEMAIL theory of operation, appendix", "ECEMAIL theory of operation, section 8", "docs/compatibility.md"}, see: []string{"ecom/22", "smtp/bad-reply"},
		},
	},
	{
		code: 24,
		entry: entry{
			id: "ecom/24", title: "invalid e-mail set-up",
			meaning: "The module's e-mail set-up lacks something that it must have: server address, sender address, port or timeout.",
			causes: []string{
				"The module is new or was reset: an ECOM100's web page then shows server 0.0.0.0 and sender -- undefined --.",
				"ECEMSUP wrote an empty field into the working copy, or ran before it had its values.",
				"The set-up was typed in on an ECOM100's web page but never sent with the Send button.",
			},
			fixes: []Fix{
				{Controls, "For an ECOM100, open its address in a browser, follow EMail Setup, fill in server address, sender address, port and timeout, and press Send."},
				{Controls, "Let ECEMSUP run before the first ECEMAIL, or ECEMRDS to fetch the stored set-up; 24 is K18 in ladder, since the word is binary."},
				{Controls, "For a virtual module, fill in server and sender_address under [rack.module.email] and run rungmail plant check."},
			},
			retry: RetryChange, sources: []string{"ECEMAIL theory of operation, appendix", "ECEMAIL theory of operation, section 6"}, see: []string{"ecom/21", "ecom/11"},
		},
	},
	{
		code: 25,
		entry: entry{
			id: "ecom/25", title: "out of memory",
			meaning: "The module couldn't get memory for the mail: more recipients or text than it can hold.",
			causes: []string{
				"The Cc list is very long.",
				"A hardware module has used up its memory with many connections at once.",
				"rungmail send was given more than 100 recipients, 512 bytes of subject or 64 KiB of body; ladder can't reach that.",
			},
			fixes: []Fix{
				{Controls, "Put a distribution list into Cc in place of the people on it."},
				{IT, "Set up that distribution list on the mail server, so that the module has one address to send to."},
				{Controls, "Turn a hardware module's power off and on, and see whether the code comes back."},
			},
			retry: RetryChange, sources: []string{"ECEMAIL theory of operation, appendix", "docs/compatibility.md"}, see: []string{"ecom/21"},
		},
	},
	{
		code: 1001,
		entry: entry{
			id: "ecom/1001", title: "slot error",
			meaning: "The SP error bit of the module's slot came on while the box was at work: the controller couldn't exchange data with the module.",
			causes: []string{
				"The program uses RX or WX of its own on that slot, and they walked on the exchange of the box.",
				"DIP switch 7 of the module is off, so that it doesn't answer at mock slave 89.",
				"The ECOM100 box names a slot where no ECOM100 is: K0 isn't valid in a DL205, and in DL05 and DL06 slots begin with K1.",
				"The module is in a remote base, or isn't seated well.",
			},
			fixes: []Fix{
				{Controls, "Turn DIP switch 7 of the module on, and power it off and on; rehearse it with rungmail try examples/widget-report.rll --dip none."},
				{Controls, "Use ECRX and ECWX for all other traffic over that module, in the place of RX and WX."},
				{Controls, "Compare the slot in the ECOM100 box with the rack; watch the slot's SP bits (SP120 and SP121 for slot 1 of a DL06)."},
				{Operator, "With the power off, push the module home in its slot, and see its lamps after power-up."},
			},
			retry: RetryChange, sources: []string{"ECEMAIL theory of operation, appendix", "ECEMAIL theory of operation, section 3", "ECEMAIL theory of operation, section 5"}, see: []string{"ecom/24"},
		},
	},
}

// ecomClasses is every range of codes that has no entries, or not for all of them.
var ecomClasses = []ecomClass{
	{
		first: 2, last: 99,
		entry: entry{
			id: "ecom/internal", title: "internal error without an entry",
			meaning: "Codes from 2 to 99 are the ECOM100's own; this one isn't in the list of codes for e-mail.",
			causes: []string{
				"Another ECOM100 box than ECEMAIL gave it, and its list of codes is a different one.",
				"The module's firmware is newer or older than the published list.",
			},
			fixes: []Fix{
				{Controls, "Check by the cross reference which box writes the word; the Status word of the ECOM100 box belongs to all of them."},
				{Controls, "Send once more with the SMTP Viewer open, and note the last line before the code."},
			},
			retry: RetryLater, sources: []string{"ECEMAIL theory of operation, appendix"}, see: []string{"ecom/22"},
		},
	},
	{
		first: 100, last: 999,
		entry: entry{
			id: "ecom/server", title: "the mail server's own reply",
			meaning: "From 100 to 999 the word is the mail server's three-digit reply in decimal, as it stands in the trace.",
			causes: []string{
				"The server refused a step of the conversation; its words stand in the trace, and the word only keeps the number.",
				"A number outside 200 to 599 is no code of SMTP: whatever answered was probably no mail server.",
			},
			fixes: []Fix{
				{Controls, "Take the Received data line before the end of the trace, and give it whole to rungmail explain."},
				{IT, "Find the same refusal in the server's log; it says which rule or limit it was."},
			},
			retry: RetryChange, sources: []string{"ECEMAIL theory of operation, appendix", "RFC 5321 section 4.2"}, see: []string{"ecom/23"},
		},
	},
	{
		first: 1000, last: 1999,
		entry: entry{
			id: "ecom/ladder", title: "ladder-assigned error without an entry",
			meaning: "Codes from 1000 to 1999 are given by the ladder logic inside the box, not by the module; only 1001 is in the list.",
			causes: []string{
				"A newer DirectSOFT built the box, with codes that the published list hasn't got.",
				"The program itself writes a code of its own into the word.",
			},
			fixes: []Fix{
				{Controls, "Search the program for instructions that load a constant into the Error Code register."},
				{Controls, "Treat it as 1001 first: slot, DIP switch 7, no RX or WX beside the box."},
			},
			retry: RetryChange, sources: []string{"ECEMAIL theory of operation, appendix", "ECEMAIL theory of operation, section 9"}, see: []string{"ecom/1001"},
		},
	},
	{
		first: 2000, last: 65535,
		entry: entry{
			id: "ecom/invalid", title: "no code of the box",
			meaning: "No ECEMAIL box gives a code from 2000 up. The outputs are invalid, as they are with Success and Error both on, with Success and a code, or with Error and 0 or 1.",
			causes: []string{
				"Another instruction writes the Success bit, the Error bit or the Error Code word.",
				"Bit or word was shared with something else to save memory.",
				"The word was read as BCD or from the wrong address; it is binary.",
			},
			fixes: []Fix{
				{Controls, "Open the cross reference for all three outputs and take out every other instruction that writes them."},
				{Controls, "Give the box outputs of its own; a bit of a word or an unused GX or GY bit is enough for Success and Error."},
				{Controls, "Give the three values to rungmail diagnose --success 0 --error 1 --code 2000; rungmail check finds shared outputs before the download."},
			},
			retry: RetryChange, sources: []string{"ECEMAIL theory of operation, section 9"}, see: []string{"ecom/0", "ecom/1"},
		},
	},
}

// crossRow is one kind of outcome, as the families of controllers word it. A column
// is empty where the family hasn't got it.
type crossRow struct {
	family    string // of the outcome
	meaning   string
	ecom      string // Error Code of the ECEMAIL box
	siemens   string // STATUS of the e-mail block for the CP, hexadecimal
	schneider string // result of the e-mail block
	rockwell  string // of the MSG instruction and its extended error
	state     string // what the ladder program sees
}

// crossMap is the ECOM100's codes beside those of other makers.
var crossMap = []crossRow{
	{
		family: "done", meaning: "the mail server has taken the mail",
		ecom: "0", siemens: "0000", schneider: "ok", rockwell: "0x00", state: "success bit",
	},
	{
		family: "busy", meaning: "a mail is under way, or one is already",
		ecom: "1", siemens: "7001, 7002, 8401", rockwell: "in progress", state: "busy",
	},
	{
		family: "no TCP", meaning: "no connection to the mail server",
		ecom: "10-19, as a rule 11", siemens: "of the kind of 8403", schneider: "16#5104", rockwell: "connect error", state: "error",
	},
	{
		family: "timeout", meaning: "the conversation stalled in a state",
		ecom: "10-19, the last digit is the state", siemens: "84xx, time exceeded", rockwell: "timeout", state: "error",
	},
	{
		family: "write failed", meaning: "the connection broke in the conversation",
		ecom: "20", siemens: "8409, 8410", schneider: "16#5105", state: "error",
	},
	{
		family: "no recipient", meaning: "To and Cc are empty",
		ecom: "21", schneider: "16#510A", state: "error",
	},
	{
		family: "internal", meaning: "wrong state, data or set-up, or no memory",
		ecom: "22, 23, 24, 25", siemens: "84xx", schneider: "16#5100-16#5103", rockwell: "0x02, 0x13, 0x15", state: "error",
	},
	{
		family: "SMTP refusal", meaning: "the mail server said no",
		ecom: "100-999, the reply in decimal", siemens: "82xx, and 85xx with 8 before the reply", schneider: "16#5107-16#510B, 16#510D", rockwell: "the reply's text in the destination tag", state: "error",
	},
	{
		family: "backplane", meaning: "the controller can't reach the module",
		ecom: "1001", rockwell: "CIP 0x01 with 0x0100", state: "error",
	},
	{
		family: "impossible mix", meaning: "outputs that no box leaves so",
		ecom: "both bits on; Success with a code; Error with 0, 1 or 2000 and up", state: "program fault",
	},
}
