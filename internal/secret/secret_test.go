package secret

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestASecretShowsNowhere(t *testing.T) {
	s := New("hunter2")
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "secret", s)
	asJSON, err := json.Marshal(map[string]any{"s": s})
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{fmt.Sprint(s), fmt.Sprintf("%v %+v %#v %s %q %x %d", s, s, s, s, s, s, s), log.String(), string(asJSON)} {
		if strings.Contains(shown, "hunter2") || strings.Contains(shown, "68756e") || !strings.Contains(shown, "***") {
			t.Errorf("it shows: %s", shown)
		}
	}
	if s.Reveal() != "hunter2" || !s.Right("hunter2") || s.Right("hunter3") || (Text{}).Right("") {
		t.Error("it can't be used")
	}
}

func TestASecretsFileIsItsOwnersAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	for text, want := range map[string]string{"hunter2\n": "hunter2", "a b \r\n": "a b ", "x": "x"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := ReadFile(path); err != nil || got.Reveal() != want {
			t.Errorf("%q: %q, %v", text, got.Reveal(), err)
		}
	}
	for _, text := range []string{"", "\n", strings.Repeat("x", MaxFile+1)} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadFile(path); err == nil {
			t.Errorf("%d bytes are taken", len(text))
		}
	}
	if _, err := ReadFile(path + "no"); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if runtime.GOOS == "windows" {
		return // which has no such rights
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadFile(path); !errors.Is(err, ErrOpen) {
		t.Error(err)
	}
}
