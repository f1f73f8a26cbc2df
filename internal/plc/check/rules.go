package check

// Rule is one thing that the checker looks at.
type Rule struct {
	ID      string
	Refuses bool   // a program that breaks it can't be downloaded; otherwise it is warned of
	Text    string // what it says, in one sentence
}

// Rules lists every rule. An id stays what it is from release to release.
func Rules() []Rule {
	list := append(rackRules(), programRules()...)
	list = append(list, boxRules()...)
	list = append(list, mailRules()...)
	return append(list, moduleRules()...)
}

func rackRules() []Rule {
	return []Rule{
		{"cpu-no-iboxes", true, "The CPU, of the PLC line and of the rack, is one that has IBoxes."},
		{"cpu-differs", true, "The PLC line names the rack's cpu."},
		{"cpu-firmware", true, "The CPU's firmware has IBoxes: DL05 from 5.10, DL06 2.10, DL250-1 4.60, DL260 2.40, DL450 3.30."},
		{"module-type", true, "The module in the slot of an ECOM100 box fits the base: H0 on 05 and 06, H2 on 205, H4 on 405."},
		{"module-firmware", true, "The module's firmware can send e-mail: H0 from 4.0.119, H2 and H4 from 4.0.1031."},
		{"module-missing", false, "The rack has a module in the slot of an ECOM100 box."},
		{"dip-7", false, "DIP switch 7 of the module is on."},
	}
}

func programRules() []Rule {
	return []Rule{
		{"no-end", true, "The program has an END."},
		{"after-end", false, "Nothing stands after END."},
		{"no-power", true, "Each instruction has the power flows that it takes."},
		{"too-deep", true, "No more than 8 branches are open at once."},
		{"open-branch", true, "All branches of a rung are joined before its output."},
		{"no-output", true, "Each rung has an output."},
		{"not-on-cpu", true, "The CPU has the instruction."},
		{"no-such-address", true, "The CPU has the address."},
		{"read-only", true, "No instruction writes system words or special relays."},
		{"range-order", true, "A range begins at the lower address."},
		{"constant-range", true, "A constant fits into the instruction's operand."},
		{"not-bcd", true, "A constant has digits 0 to 9 only where the instruction counts in BCD."},
	}
}

func boxRules() []Rule {
	return []Rule{
		{"config-not-first", true, "Only NOP, comments and configuration boxes stand before an ECOM100 box."},
		{"ecom-range", true, "An ECOM# is K0 to K255."},
		{"ecom-twice", true, "No two ECOM100 boxes have the same ECOM#."},
		{"ecom-undefined", true, "The ECOM# of a box is that of an ECOM100 box."},
		{"slot", true, "The CPU has the slot, and an ECOM100 may sit in it."},
		{"slot-twice", true, "No two ECOM100 boxes have the same slot."},
		{"buffer-size", true, "A Msg Buffer has 65 words."},
		{"not-user-memory", true, "Status, Workspace, Error Code, Msg Buffer, the words of B bits and those that a box fills are user V-memory."},
		{"bit-kind", true, "Success, Error and DHCP Enabled are C, Y, GX, GY or B bits."},
		{"shared", true, "What a box calls its own is no other field's, its own bits and words included."},
		{"written-elsewhere", true, "No instruction and no other box writes what a box calls its own."},
		{"workspace-read", false, "No instruction or text reads a Workspace or a Msg Buffer."},
		{"range-size", true, "Words that a box fills, where they are written as a range, are as many as it fills."},
		{"box-constant", true, "A Module ID is K0 to K65535 and Num Chars is K1 to K128."},
		{"never-fires", false, "A box can get a leading edge after the first scan."},
		{"code-compare", false, "An Error Code or Status word is compared with a constant that isn't meant in decimal."},
	}
}

func mailRules() []Rule {
	return []Rule{
		{"address", true, "To and Cc hold valid addresses with commas between, Sender EMail one, all in ASCII."},
		{"quoting", true, "Subject and Body obey the rules of PRINT text."},
		{"characters", true, "A Sender Name, a Module Name and a Module Desc have only characters of Windows-1252."},
		{"name-length", true, "A Sender Name has at most 64 characters."},
		{"line-break", true, "To, Cc, Subject, Sender Name and Sender EMail hold no CR, LF or NUL, a subject no escapes for them."},
		{"budget", true, "To, Subject and Body of an ECEMAIL are at most 103 bytes at their longest."},
		{"setup-budget", true, "The settings of one ECEMSUP, and a name or description that a box writes, are at most 103 bytes."},
		{"server", true, "A server is an IPv4 address that a host can have."},
		{"port", true, "A port is a plain number from 1 to 65535."},
		{"timeout", true, "A timeout is a plain number of seconds from 1 to 3600."},
		{"setup-empty", false, "An ECEMSUP changes something."},
		{"variable-text", false, "The length of each text is known before it is sent."},
		{"no-clock", false, "A body with date or time runs on a CPU with a clock of its own."},
		{"settings-missing", false, "A server and a sender's address are set when a mail goes out."},
		{"no-recipient", false, "To or Cc holds an address."},
		{"short-timeout", false, "The timeout is at least 10 seconds, and 5 more for each recipient."},
		{"no-address", false, "The module has an IP address and a subnet mask."},
		{"no-gateway", false, "The server is in the module's network, or the module has a gateway."},
	}
}

func moduleRules() []Rule {
	return []Rule{
		{"module-address", true, "An IP Address or Gateway Address that a box writes is one that a module can have."},
		{"subnet-mask", true, "A Subnet Mask is ones and then zeros."},
		{"module-text", true, "A Module Name and a Module Desc hold no control characters."},
		{"gateway-outside", false, "The Gateway Address of an ECIPSUP is in the network of its IP Address and Subnet Mask."},
		{"id-switches", false, "DIP switches 0 to 5 of a module whose ID a box sets are off."},
		{"flash-wear", false, "No clock relay drives a box that writes the module's ROM."},
	}
}
