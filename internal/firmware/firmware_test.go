package firmware

import "testing"

func TestVersionsCompareNumberByNumber(t *testing.T) {
	for _, r := range []struct {
		a, b string
		want int
	}{{"4.0.119", "4.0.1031", -1}, {"2.10", "2.9", 1}, {"5.10", "5.10.0", 0}, {"v4.60", "4.60", 0}, {"10", "9.9", 1}} {
		if got, err := Compare(r.a, r.b); err != nil || got != r.want {
			t.Errorf("Compare(%q, %q) = %d, %v; want %d", r.a, r.b, got, err, r.want)
		}
	}
	if _, err := Compare("4.x", "1"); err == nil {
		t.Error("4.x is taken for a version")
	}
}

func TestWhatAModuleCanDo(t *testing.T) {
	for _, r := range []struct {
		module, version string
		email, zone     bool
		ccm             int
	}{
		{"H0-ECOM100", "4.0.118", false, false, 256},
		{"H0-ECOM100", "4.0.119", true, false, 256},
		{"H2-ECOM100", "4.0.119", false, false, 256},
		{"H2-ECOM100", "4.0.1031", true, false, 256},
		{"H4-ECOM100", "4.0.2120", true, false, 128},
		{"H2-ECOM100", "4.0.2128", true, true, 128},
		{"H0-ECOM100", "4.1.113", true, true, 128},
		{"H0-ECOM100", "no version", false, false, 256},
	} {
		if HasEmail(r.module, r.version) != r.email || HasZone(r.version) != r.zone || MaxCCM(r.version) != r.ccm {
			t.Errorf("%s %s: e-mail %v, zone %v, CCM %d", r.module, r.version, HasEmail(r.module, r.version), HasZone(r.version), MaxCCM(r.version))
		}
	}
}

func TestNumbers(t *testing.T) {
	if a, b, c := Numbers("4.0.1031"); a != 4 || b != 0 || c != 1031 {
		t.Error(a, b, c)
	}
	if a, b, c := Numbers("5.10"); a != 5 || b != 10 || c != 0 {
		t.Error(a, b, c)
	}
}
