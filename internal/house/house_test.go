package house

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/rungmail/rungmail/"

// rule says that packages under from must import none under any of to, but for
// those under unless.
type rule struct {
	from, to, unless []string
	why              string
}

var rules = []rule{
	{[]string{"reply", "hap"}, []string{"internal"}, nil, "a public package reaches inside"},
	{
		[]string{"internal/plc"},
		[]string{"internal/ecom", "internal/gateway", "internal/console", "internal/rack", "internal/link", "internal/catcher", "internal/trial"},
		nil, "the PLC knows only the backplane",
	},
	{
		[]string{"internal/backplane", "internal/smtpwire", "internal/mailaddr", "internal/modbuswire", "internal/conv", "internal/link", "internal/durable", "internal/firmware", "internal/secret"},
		[]string{"internal/plc", "internal/ecom", "internal/gateway", "internal/console", "internal/rack", "internal/catcher", "internal/trial"},
		nil, "the ground floor knows no wing",
	},
	{
		[]string{"internal/ecom"},
		[]string{"internal/plc", "internal/gateway", "internal/console", "internal/rack", "internal/catcher", "internal/trial"},
		nil, "the module meets the CPU at the backplane and the gateway by SMTP",
	},
	{
		[]string{"internal/gateway"},
		[]string{"internal/plc", "internal/ecom", "internal/console", "internal/rack"},
		nil, "the gateway serves any device",
	},
	{
		[]string{""},
		[]string{"internal/app", "internal/plant"},
		[]string{"cmd", "internal/app", "internal/plant"},
		"only commands use the wiring and the plant file",
	},
}

func TestArrowsRunDownOnly(t *testing.T) {
	packages := 0
	for file, imports := range sources(t) {
		packages++
		dir := path.Dir(file)
		for _, to := range imports {
			for _, r := range rules {
				if under(dir, r.from) && !under(dir, r.unless) && under(to, r.to) {
					t.Errorf("%s imports %s: %s", file, to, r.why)
				}
			}
		}
	}
	if packages < 50 {
		t.Errorf("only %d files were looked at: the walk is wrong", packages)
	}
}

func under(dir string, roots []string) bool {
	for _, root := range roots {
		if root == "" || dir == root || strings.HasPrefix(dir, root+"/") {
			return true
		}
	}
	return false
}

// sources is every file that isn't a test, with the project's packages that it
// imports.
func sources(t *testing.T) map[string][]string {
	t.Helper()
	root := filepath.Join("..", "..")
	found := map[string][]string{}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && (strings.HasPrefix(d.Name(), ".") && name != root || d.Name() == "testdata" || d.Name() == "tools") {
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
			return err
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ImportsOnly)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		found[rel] = nil
		for _, spec := range f.Imports {
			if p, err := strconv.Unquote(spec.Path.Value); err == nil && strings.HasPrefix(p, module) {
				found[rel] = append(found[rel], strings.TrimPrefix(p, module))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestCoresOwnNoSocketGoroutineOrClock holds the rule of the protocol cores.
func TestCoresOwnNoSocketGoroutineOrClock(t *testing.T) {
	cores := []string{
		"internal/smtpwire", "internal/mailaddr", "internal/backplane", "internal/plc", "internal/rack",
		"internal/ecom/mailer", "internal/ecom/module", "internal/ecom/settings", "internal/firmware",
	}
	banned := []string{"time.Now(", "time.Sleep(", "time.After(", "time.NewTimer(", "time.NewTicker(", "net.Dial", "net.Listen", "\tgo func", "\tgo "}
	looked := 0
	for file := range sources(t) {
		if !under(path.Dir(file), cores) {
			continue
		}
		looked++
		text, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(file)))
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range banned {
			if strings.Contains(string(text), word) {
				t.Errorf("%s has %q", file, word)
			}
		}
	}
	if looked < 30 {
		t.Errorf("only %d files were looked at", looked)
	}
}
