package isa

import "strings"

// FieldKind is what a line of a box holds.
type FieldKind uint8

// The kinds of fields. Constants in boxes are decimal.
const (
	FieldECOM      FieldKind = iota // ECOM#: K0-K255
	FieldSlot                       // slot of the local base: K0-K7
	FieldWord                       // a user V-memory word that is the box's own
	FieldBuffer                     // 65 user V-memory words that are the box's own
	FieldBit                        // a bit that is the box's own: C, Y, GX, GY or B
	FieldRecipient                  // addresses with commas between
	FieldSubject                    // PRINT text without quotes
	FieldPrint                      // PRINT text
	FieldServer                     // an IPv4 address
	FieldName                       // plain text of one line
	FieldSender                     // one address
	FieldPort                       // 1-65535
	FieldTimeout                    // seconds, 1-3600
)

// Field is one labelled line of a box.
type Field struct {
	Label    string // as the vendor's editor has it, and as the printer writes it
	Alias    string // another spelling that is accepted
	Kind     FieldKind
	Required bool
}

// Box is an intelligent box instruction.
type Box struct {
	Mnemonic string
	Alias    string // an older name
	IB       int    // the vendor's number
	Title    string
	Config   bool // hangs on the left rail, at the top of the program
	Fields   []Field
}

// BufferWords is the size of a message buffer: a length word and 128 bytes
// (seeds/000 section 7k).
const BufferWords = 65

// Names of the boxes of this table.
const (
	ConfigBox  = "ECOM100"
	EmailBox   = "ECEMAIL"
	SetupBox   = "ECEMSUP"
	RestoreBox = "ECEMRDS"
)

// Labels that other packages ask for.
const (
	LabelECOM      = "ECOM#"
	LabelSlot      = "Slot"
	LabelStatus    = "Status"
	LabelWorkspace = "Workspace"
	LabelBuffer    = "Msg Buffer"
	LabelSuccess   = "Success"
	LabelError     = "Error"
	LabelErrorCode = "Error Code"
	LabelTo        = "To"
	LabelSubject   = "Subject"
	LabelBody      = "Body"
	LabelServer    = "SMTP Server IP"
	LabelName      = "Sender Name"
	LabelSender    = "Sender EMail"
	LabelPort      = "Port Number"
	LabelTimeout   = "Timeout"
	LabelCc        = "Cc"
)

// client is what every box has that uses an ECOM100.
func client(more ...Field) []Field {
	return append([]Field{
		{Label: LabelECOM, Kind: FieldECOM, Required: true},
		{Label: LabelWorkspace, Kind: FieldWord, Required: true},
		{Label: LabelSuccess, Kind: FieldBit, Required: true},
		{Label: LabelError, Kind: FieldBit, Required: true},
		{Label: LabelErrorCode, Kind: FieldWord, Required: true},
	}, more...)
}

var boxes = []Box{
	{Mnemonic: ConfigBox, IB: 710, Title: "ECOM100 Config", Config: true, Fields: []Field{
		{Label: LabelECOM, Kind: FieldECOM, Required: true},
		{Label: LabelSlot, Kind: FieldSlot, Required: true},
		{Label: LabelStatus, Kind: FieldWord, Required: true},
		{Label: LabelWorkspace, Kind: FieldWord, Required: true},
		{Label: LabelBuffer, Alias: "Message Buffer", Kind: FieldBuffer, Required: true},
	}},
	{Mnemonic: EmailBox, IB: 711, Title: "ECOM100 Send Email", Fields: client(
		Field{Label: LabelTo, Kind: FieldRecipient},
		Field{Label: LabelSubject, Kind: FieldSubject},
		Field{Label: LabelBody, Kind: FieldPrint},
	)},
	{Mnemonic: SetupBox, Alias: "EMLCFG", IB: 712, Title: "ECOM100 Email Setup", Fields: client(
		Field{Label: LabelServer, Alias: "Server IP Address", Kind: FieldServer},
		Field{Label: LabelName, Kind: FieldName},
		Field{Label: LabelSender, Alias: "Sender EMail Address", Kind: FieldSender},
		Field{Label: LabelPort, Alias: "Port", Kind: FieldPort},
		Field{Label: LabelTimeout, Kind: FieldTimeout},
		Field{Label: LabelCc, Kind: FieldRecipient},
	)},
	{Mnemonic: RestoreBox, IB: 713, Title: "ECOM100 Restore Default Email Setup", Fields: client()},
}

// LookupBox finds a box by its mnemonic or older name, in upper case.
func LookupBox(mnemonic string) (*Box, bool) {
	for i := range boxes {
		if b := &boxes[i]; b.Mnemonic == mnemonic || b.Alias != "" && b.Alias == mnemonic {
			return b, true
		}
	}
	return nil, false
}

// Boxes returns every box.
func Boxes() []Box { return append([]Box(nil), boxes...) }

// Field finds a field by its label; letter case and blanks don't count.
func (b *Box) Field(label string) (*Field, bool) {
	key := labelKey(label)
	for i := range b.Fields {
		if f := &b.Fields[i]; labelKey(f.Label) == key || f.Alias != "" && labelKey(f.Alias) == key {
			return f, true
		}
	}
	return nil, false
}

// Labels lists the box's labels, for messages.
func (b *Box) Labels() string {
	names := make([]string, len(b.Fields))
	for i, f := range b.Fields {
		names[i] = f.Label
	}
	return strings.Join(names, ", ")
}

func labelKey(s string) string {
	return strings.ToLower(strings.Join(strings.Fields(s), ""))
}
