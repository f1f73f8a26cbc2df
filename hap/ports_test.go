package hap_test

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/rungmail/rungmail/hap"
)

func TestServerPortsOnTheWire(t *testing.T) {
	want := hap.ServerPorts{Trace: 29298, Web: 8081}
	data := want.Append(nil)
	if string(data) != "\x72\x72\x91\x1f" || len(data) != hap.SetupTracePort.Size() || hap.SetupTracePort.Volatile() {
		t.Errorf("% x, %d bytes, volatile %v", data, hap.SetupTracePort.Size(), hap.SetupTracePort.Volatile())
	}
	if p, err := hap.ParseServerPorts(data[:3]); !errors.Is(err, hap.ErrMalformed) {
		t.Errorf("three bytes: %+v, %v", p, err)
	}
	if got := hap.SetupTracePort.String(); got != "server ports" {
		t.Errorf("its name: %s", got)
	}
}

func TestAllServerPortsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := hap.ServerPorts{Trace: rapid.Uint16().Draw(t, "trace"), Web: rapid.Uint16().Draw(t, "web")}
		same(t, want, want.Append(nil), hap.ParseServerPorts)
	})
}

func FuzzParseServerPorts(f *testing.F) {
	f.Add([]byte{0x72, 0x72, 80, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := hap.ParseServerPorts(data)
		if (err != nil) != (len(data) < 4) {
			t.Fatalf("%d bytes: %+v, %v", len(data), p, err)
		}
	})
}

func TestAskingAModuleForItsPorts(t *testing.T) {
	c := dial(t, listen(t, module(map[hap.SetupType][]byte{hap.SetupTracePort: {0x73, 0x72, 80, 0}})), hap.Options{})
	check(t, "trace", uint16(29299))(c.TracePort(t.Context()))
	check(t, "pages", uint16(80))(c.WebPort(t.Context()))
}
