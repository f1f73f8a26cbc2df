package isa

// Names of the boxes that other packages ask for.
const (
	ConfigBox      = "ECOM100"
	EmailBox       = "ECEMAIL"
	SetupBox       = "ECEMSUP"
	RestoreBox     = "ECEMRDS"
	EnableDHCPBox  = "ECDHCPE"
	DisableDHCPBox = "ECDHCPD"
)

// Labels that other packages ask for.
const (
	LabelECOM        = "ECOM#"
	LabelSlot        = "Slot"
	LabelStatus      = "Status"
	LabelWorkspace   = "Workspace"
	LabelBuffer      = "Msg Buffer"
	LabelSuccess     = "Success"
	LabelError       = "Error"
	LabelErrorCode   = "Error Code"
	LabelTo          = "To"
	LabelSubject     = "Subject"
	LabelBody        = "Body"
	LabelServer      = "SMTP Server IP"
	LabelName        = "Sender Name"
	LabelSender      = "Sender EMail"
	LabelPort        = "Port Number"
	LabelTimeout     = "Timeout"
	LabelCc          = "Cc"
	LabelIP          = "IP Address"
	LabelSubnet      = "Subnet Mask"
	LabelGateway     = "Gateway Address"
	LabelModuleID    = "Module ID"
	LabelModuleName  = "Module Name"
	LabelDescription = "Module Desc"
	LabelChars       = "Num Chars"
	LabelDHCP        = "DHCP Enabled"
)

// client is what every box has that uses an ECOM100.
func client(more ...Field) []Field { return common(true, more) }

// reader is the same of a box that reads a module's set-up: the vendor's editor
// gives it no Error Code, so it may be left out.
func reader(more ...Field) []Field { return common(false, more) }

func common(coded bool, more []Field) []Field {
	return append([]Field{
		{Label: LabelECOM, Kind: FieldECOM, Required: true},
		{Label: LabelWorkspace, Kind: FieldWord, Required: true},
		{Label: LabelSuccess, Kind: FieldBit, Required: true},
		{Label: LabelError, Kind: FieldBit, Required: true},
		{Label: LabelErrorCode, Kind: FieldWord, Required: coded},
	}, more...)
}

// boxes is every box (facts/plc.md section 1.1).
var boxes = append(mailBoxes(), append(addressBoxes(), identityBoxes()...)...)

func mailBoxes() []Box {
	return []Box{
		{Mnemonic: ConfigBox, IB: 710, Title: "ECOM100 Config", Config: true, Fields: []Field{
			{Label: LabelECOM, Kind: FieldECOM, Required: true},
			{Label: LabelSlot, Kind: FieldSlot, Required: true},
			{Label: LabelStatus, Kind: FieldWord, Required: true},
			{Label: LabelWorkspace, Kind: FieldWord, Required: true},
			{Label: LabelBuffer, Aliases: []string{"Message Buffer"}, Kind: FieldBuffer, Required: true},
		}},
		{Mnemonic: EmailBox, IB: 711, Title: "ECOM100 Send Email", Fields: client(
			Field{Label: LabelTo, Kind: FieldRecipient},
			Field{Label: LabelSubject, Kind: FieldSubject},
			Field{Label: LabelBody, Kind: FieldPrint},
		)},
		{Mnemonic: SetupBox, Alias: "EMLCFG", IB: 712, Title: "ECOM100 Email Setup", Fields: client(
			Field{Label: LabelServer, Aliases: []string{"Server IP Address"}, Kind: FieldServer},
			Field{Label: LabelName, Kind: FieldName},
			Field{Label: LabelSender, Aliases: []string{"Sender EMail Address"}, Kind: FieldSender},
			Field{Label: LabelPort, Aliases: []string{"Port"}, Kind: FieldPort},
			Field{Label: LabelTimeout, Kind: FieldTimeout},
			Field{Label: LabelCc, Kind: FieldRecipient},
		)},
		{Mnemonic: RestoreBox, IB: 713, Title: "ECOM100 Restore Default Email Setup", Fields: client()},
	}
}

// addressBoxes read and write where a module is met.
func addressBoxes() []Box {
	ip := Field{Label: LabelIP, Aliases: []string{"IP Address(4 Words)", "IP"}, Kind: FieldIP, Required: true}
	mask := Field{Label: LabelSubnet, Aliases: []string{"Subnet Mask(4 Words)", "Subnet"}, Kind: FieldMask, Required: true}
	gateway := Field{Label: LabelGateway, Aliases: []string{"Gateway Address(4 Words)", "Gateway IP Address", "Gateway"}, Kind: FieldGateway, Required: true}
	octets := func(f Field) []Field { f.Kind = FieldOctets; return reader(f) }
	optional := func(f Field) Field { f.Required = false; return f }
	return []Box{
		{Mnemonic: "ECIPSUP", IB: 717, Title: "ECOM100 IP Setup", ROM: true, Fields: client(ip, mask, optional(gateway))},
		{Mnemonic: "ECRDIP", IB: 722, Title: "ECOM100 Read IP Address", Fields: octets(ip)},
		{Mnemonic: "ECWRIP", IB: 723, Title: "ECOM100 Write IP Address", ROM: true, Fields: client(ip)},
		{Mnemonic: "ECRDGWA", IB: 730, Title: "ECOM100 Read Gateway Address", Fields: octets(gateway)},
		{Mnemonic: "ECWRGWA", IB: 731, Title: "ECOM100 Write Gateway Address", ROM: true, Fields: client(gateway)},
		{Mnemonic: "ECRDSNM", IB: 732, Title: "ECOM100 Read Subnet Mask", Fields: octets(mask)},
		{Mnemonic: "ECWRSNM", IB: 733, Title: "ECOM100 Write Subnet Mask", ROM: true, Fields: client(mask)},
		{Mnemonic: "ECDHCPQ", IB: 734, Title: "ECOM100 Query DHCP Setting", Fields: reader(
			Field{Label: LabelDHCP, Aliases: []string{"DHCP"}, Kind: FieldResultBit, Required: true},
		)},
		{Mnemonic: EnableDHCPBox, IB: 735, Title: "ECOM100 Enable DHCP", ROM: true, Fields: client()},
		{Mnemonic: DisableDHCPBox, IB: 736, Title: "ECOM100 Disable DHCP", ROM: true, Fields: client()},
	}
}

// identityBoxes read and write what a module is called.
func identityBoxes() []Box {
	id := Field{Label: LabelModuleID, Aliases: []string{"ID"}, Kind: FieldConstant, Max: 65535, Required: true}
	name := Field{Label: LabelModuleName, Aliases: []string{"Name"}, Kind: FieldText, Required: true}
	text := Field{Label: LabelDescription, Aliases: []string{"Module Description", "Description"}, Kind: FieldText, Required: true}
	chars := Field{Label: LabelChars, Aliases: []string{"Number of Characters", "Num Characters"}, Kind: FieldConstant, Min: 1, Max: MaxChars, Required: true}
	as := func(f Field, kind FieldKind) Field { f.Kind = kind; return f }
	return []Box{
		{Mnemonic: "ECRDMID", IB: 720, Title: "ECOM100 Read Module ID", Fields: reader(as(id, FieldResult))},
		{Mnemonic: "ECWRMID", IB: 721, Title: "ECOM100 Write Module ID", ROM: true, Fields: client(id)},
		{Mnemonic: "ECRDNAM", IB: 724, Title: "ECOM100 Read Module Name", Fields: reader(as(name, FieldChars), chars)},
		{Mnemonic: "ECWRNAM", IB: 725, Title: "ECOM100 Write Name", ROM: true, Fields: client(name)},
		{Mnemonic: "ECRDDES", IB: 726, Title: "ECOM100 Read Description", Fields: reader(as(text, FieldChars), chars)},
		{Mnemonic: "ECWRDES", IB: 727, Title: "ECOM100 Write Description", ROM: true, Fields: client(text)},
	}
}
