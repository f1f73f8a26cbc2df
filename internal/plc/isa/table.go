package isa

// table is every form of every instruction.
var table = build()

func build() []Instruction {
	t := contacts()
	t = append(t, coils()...)
	t = append(t, timers()...)
	t = append(t, words()...)
	t = append(t, control()...)
	for i := range t {
		if t[i].CPUs == 0 {
			t[i].CPUs = AllCPUs
		}
		if t[i].Role == Output && t[i].Legs == 0 {
			t[i].Legs = 1
		}
	}
	return t
}

// contacts builds the STR, AND and OR families, which differ in role alone.
func contacts() []Instruction {
	var t []Instruction
	for _, f := range []struct {
		name string
		role Role
	}{{"STR", Start}, {"AND", Series}, {"OR", Parallel}} {
		bit := func(suffix string, op Op, takes Takes, title string) {
			t = append(t, Instruction{Mnemonic: f.name + suffix, Role: f.role, Op: op, Title: title, Operands: []Operand{{Takes: takes, Access: Reads}}})
		}
		compare := func(suffix string, op Op, title string) {
			t = append(t, Instruction{Mnemonic: f.name + suffix, Role: f.role, Op: op, Title: title, Operands: []Operand{
				{Takes: TakesWord, Access: Reads, Words: 1}, {Takes: wordOrConst, Access: Reads, Words: 1},
			}})
		}
		bit("", TestOn, contactBits, "contact, on")
		bit("N", TestOff, contactBits, "contact, off")
		bit("B", TestOn, TakesB, "bit-of-word contact, on")
		bit("NB", TestOff, TakesB, "bit-of-word contact, off")
		bit("PD", TestRise, contactBits, "contact, off to on")
		bit("ND", TestFall, contactBits, "contact, on to off")
		compare("E", TestEqual, "word equal")
		compare("NE", TestNotEqual, "word not equal")
		compare("", TestAtLeast, "word greater than or equal")
		compare("N", TestBelow, "word less than")
	}
	return append(t,
		Instruction{Mnemonic: "ANDSTR", Role: Join, Op: JoinAnd, Title: "two branches in series"},
		Instruction{Mnemonic: "ORSTR", Role: Join, Op: JoinOr, Title: "two branches in parallel"},
		Instruction{Mnemonic: "NOT", Role: Modify, Op: Invert, Title: "turn the power flow around"},
	)
}

func coils() []Instruction {
	one := func(takes Takes) []Operand { return []Operand{{Takes: takes, Access: Writes}} }
	run := func(takes Takes) []Operand {
		return []Operand{{Takes: takes, Access: Writes}, {Takes: takes, Access: Writes, To: true}}
	}
	const set = coilBits | TakesS
	const reset = set | TakesT | TakesCT
	return []Instruction{
		{Mnemonic: "OUT", Role: Output, Op: Coil, Operands: one(coilBits), Title: "coil follows the power flow"},
		{Mnemonic: "OUTB", Role: Output, Op: Coil, Operands: one(TakesB), Title: "bit of word follows the power flow"},
		{Mnemonic: "OROUT", Role: Output, Op: OrCoil, Operands: one(coilBits), Title: "coil of several rungs, on if any has power"},
		{Mnemonic: "PD", Role: Output, Op: OneShot, Operands: one(coilBits), Title: "coil on for one scan when power comes"},
		{Mnemonic: "SET", Role: Output, Op: Set, Operands: one(set), Title: "coil on, and stays"},
		{Mnemonic: "SET", Role: Output, Op: Set, Operands: run(set), Title: "coils on, and stay"},
		{Mnemonic: "RST", Role: Output, Op: Reset, Operands: one(reset), Title: "coil, timer or counter off"},
		{Mnemonic: "RST", Role: Output, Op: Reset, Operands: run(reset), Title: "coils, timers or counters off"},
		{Mnemonic: "SETB", Role: Output, Op: Set, Operands: one(TakesB), Title: "bit of word on, and stays"},
		{Mnemonic: "RSTB", Role: Output, Op: Reset, Operands: one(TakesB), Title: "bit of word off"},
	}
}

func timers() []Instruction {
	preset := Operand{Takes: wordOrConst, Access: Reads, Words: 1, BCD: true}
	timer := []Operand{{Takes: TakesT, Access: Writes}, preset}
	return []Instruction{
		{Mnemonic: "TMR", Role: Output, Op: Timer, Operands: timer, Title: "timer, tenths of a second"},
		{Mnemonic: "TMRF", Role: Output, Op: FastTimer, Operands: timer, Title: "timer, hundredths of a second"},
		{Mnemonic: "CNT", Role: Output, Op: Counter, Legs: 2, Operands: []Operand{{Takes: TakesCT, Access: Writes}, preset}, Title: "counter: a leg that counts, a leg that resets"},
	}
}

func words() []Instruction {
	in := func(words int) []Operand { return []Operand{{Takes: wordOrConst, Access: Reads, Words: words}} }
	bcd := func() []Operand { return []Operand{{Takes: wordOrConst, Access: Reads, Words: 1, BCD: true}} }
	to := func(access Access, words int) []Operand {
		return []Operand{{Takes: TakesWord, Access: access, Words: words}}
	}
	return []Instruction{
		{Mnemonic: "LD", Role: Output, Op: Load, Operands: in(1), Title: "load a word into the accumulator"},
		{Mnemonic: "LDD", Role: Output, Op: LoadDouble, Operands: in(2), Title: "load two words into the accumulator"},
		{Mnemonic: "OUT", Role: Output, Op: Store, Operands: to(Writes, 1), Title: "store the accumulator's low word"},
		{Mnemonic: "OUTD", Role: Output, Op: StoreDouble, Operands: to(Writes, 2), Title: "store the accumulator"},
		{Mnemonic: "ADD", Role: Output, Op: AddBCD, Operands: bcd(), Title: "add BCD to the accumulator"},
		{Mnemonic: "SUB", Role: Output, Op: SubBCD, Operands: bcd(), Title: "subtract BCD from the accumulator"},
		{Mnemonic: "INC", Role: Output, Op: IncBCD, Operands: to(Reads|Writes, 1), Title: "add 1 to a BCD word"},
		{Mnemonic: "DEC", Role: Output, Op: DecBCD, Operands: to(Reads|Writes, 1), Title: "take 1 from a BCD word"},
		{Mnemonic: "ADDB", Role: Output, Op: AddBinary, Operands: in(1), Title: "add binary to the accumulator"},
		{Mnemonic: "SUBB", Role: Output, Op: SubBinary, Operands: in(1), Title: "subtract binary from the accumulator"},
		{Mnemonic: "INCB", Role: Output, Op: IncBinary, Operands: to(Reads|Writes, 1), Title: "add 1 to a binary word"},
		{Mnemonic: "DECB", Role: Output, Op: DecBinary, Operands: to(Reads|Writes, 1), Title: "take 1 from a binary word"},
		{Mnemonic: "BIN", Role: Output, Op: ToBinary, Title: "accumulator from BCD to binary"},
		{Mnemonic: "BCD", Role: Output, Op: ToBCD, Title: "accumulator from binary to BCD"},
	}
}

func control() []Instruction {
	return []Instruction{
		{Mnemonic: "NOP", Role: Control, Op: Nothing, Title: "nothing"},
		{Mnemonic: "END", Role: Control, Op: End, Title: "end of the scan"},
	}
}
