package app

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rungmail/rungmail/internal/plant"
)

// gatewayFile is a plant file with a gateway whose upstream has more keys.
func gatewayFile(t *testing.T, keys string) *plant.File {
	t.Helper()
	text := "state = 'state'\n[gateway]\n[[gateway.listener]]\naddress = '127.0.0.1:0'\n[[gateway.device]]\nname = 'press'\naddresses = ['127.0.0.1']\n" +
		"[[gateway.upstream]]\nname = 'office'\nhost = 'smtp.example.com'\n" + keys
	file, err := plant.Parse(filepath.Join(t.TempDir(), "plant.toml"), []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// TestASecretOfSystemdIsNoFaultByHand: the service has it, who checks the plant file
// hasn't; a file that isn't there is a fault to both.
func TestASecretOfSystemdIsNoFaultByHand(t *testing.T) {
	t.Setenv("CREDENTIALS_DIRECTORY", "")
	problems, _ := Judge(gatewayFile(t, "login = 'plain'\nuser = 'plant@example.com'\npassword_file = 'credential:office'\n"))
	if len(problems.Errors()) != 0 || len(problems.Warnings()) != 1 || !strings.Contains(problems.Warnings()[0].Text, "LoadCredential=office") {
		t.Errorf("by hand: %v", problems)
	}
	problems, _ = Judge(gatewayFile(t, "login = 'plain'\nuser = 'plant@example.com'\npassword_file = 'office'\n"))
	if len(problems.Errors()) != 1 {
		t.Errorf("without the file: %v", problems)
	}
}

func TestSecretsComeFromFileEnvironmentOrSystemd(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "office"), []byte("in a file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CREDENTIALS_DIRECTORY", folder)
	t.Setenv("OFFICE", "in the environment")
	for source, want := range map[string]string{filepath.Join(folder, "office"): "in a file", "credential:office": "in a file", "env:OFFICE": "in the environment"} {
		if got, err := secretFrom(source)(); err != nil || got.Reveal() != want {
			t.Errorf("%s: %v, %v", source, got, err)
		}
	}
	if _, err := secretFrom("env:NOWHERE")(); err == nil || errors.Is(err, errNoCredentials) {
		t.Errorf("a variable that isn't there: %v", err)
	}
}
