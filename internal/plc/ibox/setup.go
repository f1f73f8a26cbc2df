package ibox

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"github.com/rungmail/rungmail/internal/backplane"
	"github.com/rungmail/rungmail/internal/plc/isa"
	"github.com/rungmail/rungmail/internal/plc/ladder"
	"github.com/rungmail/rungmail/internal/plc/vprint"
)

// fieldOf ties the labels of the set-up boxes to the fields of their commands; 0
// for a label that is none.
func fieldOf(label string) backplane.FieldID {
	switch label {
	case isa.LabelServer:
		return backplane.FieldServer
	case isa.LabelName:
		return backplane.FieldName
	case isa.LabelSender:
		return backplane.FieldSender
	case isa.LabelPort:
		return backplane.FieldPort
	case isa.LabelTimeout:
		return backplane.FieldTimeout
	case isa.LabelCc:
		return backplane.FieldCc
	case isa.LabelIP:
		return backplane.FieldIP
	case isa.LabelSubnet:
		return backplane.FieldSubnet
	case isa.LabelGateway:
		return backplane.FieldGateway
	case isa.LabelModuleID:
		return backplane.FieldModuleID
	case isa.LabelModuleName:
		return backplane.FieldModuleName
	case isa.LabelDescription:
		return backplane.FieldDescription
	case isa.LabelDHCP:
		return backplane.FieldDHCP
	}
	return 0
}

// read asks for the field that the box puts into memory.
func (r *request) read(n *ladder.Node) {
	for i := range n.Box.Fields {
		if spec := &n.Box.Fields[i]; spec.Kind.Reads() {
			r.parts = []part{{id: fieldOf(spec.Label), fixed: []byte{0}}}
		}
	}
}

// settings sends what the box's fields say, and switches DHCP where its name says
// it.
func (r *request) settings(n *ladder.Node) error {
	switch n.Box.Mnemonic {
	case isa.EnableDHCPBox:
		r.parts = []part{{id: backplane.FieldDHCP, fixed: []byte{1}}}
	case isa.DisableDHCPBox:
		r.parts = []part{{id: backplane.FieldDHCP, fixed: []byte{0}}}
	}
	for i := range n.Box.Fields {
		spec := &n.Box.Fields[i]
		id := fieldOf(spec.Label)
		f, given := n.Field(spec.Label)
		switch {
		case id == 0:
		case given:
			data, err := encoded(f)
			if err != nil {
				return err
			}
			r.parts = append(r.parts, part{id: id, fixed: data})
		case spec.Kind == isa.FieldGateway: // left out of an IP Setup: none
			r.parts = append(r.parts, part{id: id, fixed: make([]byte, 4)})
		}
	}
	return nil
}

// encoded is a field's value as commands hold it.
func encoded(f *ladder.Field) ([]byte, error) {
	switch f.Spec.Kind {
	case isa.FieldIP, isa.FieldMask, isa.FieldGateway:
		addr, err := netip.ParseAddr(f.Value)
		if err != nil || !addr.Is4() {
			return nil, fmt.Errorf("%s: %q is no IPv4 address", f.Spec.Label, f.Value)
		}
		return addr.AsSlice(), nil
	case isa.FieldConstant:
		return binary.LittleEndian.AppendUint16(nil, uint16(f.Number)), nil
	default:
		return vprint.Windows1252(f.Value)
	}
}
