package plant

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func readDocs(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "plant-file.md"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

// chapter cuts the part of the page under a heading.
func chapter(t *testing.T, page, heading string) string {
	t.Helper()
	_, after, ok := strings.Cut(page, "\n## "+heading+"\n")
	if !ok {
		t.Fatalf("docs/plant-file.md has no chapter %q", heading)
	}
	part, _, _ := strings.Cut(after, "\n## ")
	return part
}

func TestDocsHaveEveryKeyAndNoOther(t *testing.T) {
	page := readDocs(t)
	headings := []string{"The top of the file", "`[[rack]]`", "`[[rack.module]]`", "`[rack.module.email]`", "`[gateway]`", "`[[gateway.listener]]`", "`[[gateway.device]]`", "`[[gateway.upstream]]`", "`[[gateway.route]]`"}
	row := regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| .* \\| .* \\| .* \\| .*\\. \\|$")
	for i, s := range sections() {
		var documented []string
		for _, m := range row.FindAllStringSubmatch(chapter(t, page, headings[i]), -1) {
			documented = append(documented, m[1])
		}
		check(t, documented, s.keys)
	}
}

func TestDocsNameWhatIsRefused(t *testing.T) {
	part := chapter(t, readDocs(t), "Not in this version")
	for _, key := range laterKeys(topFields()) {
		if !strings.Contains(part, "`"+key+"`") {
			t.Errorf("docs/plant-file.md doesn't say that %s is refused", key)
		}
	}
}

func laterKeys[T any](fields []field[T]) []string {
	var list []string
	for _, f := range fields {
		if f.later {
			list = append(list, f.name)
		}
	}
	return list
}

func TestDocsSampleAndItsFaults(t *testing.T) {
	page := readDocs(t)
	_, after, _ := strings.Cut(page, "```toml\n")
	text, _, ok := strings.Cut(after, "```")
	if !ok {
		t.Fatal("docs/plant-file.md has no sample")
	}
	mustParse(t, text)
	bad := strings.NewReplacer("DL06", "DL60", "port =", "prot =").Replace(text)
	_, err := Parse("plant.toml", []byte(bad))
	if err == nil || !strings.Contains(page, "```\n"+err.Error()+"\n```") {
		t.Errorf("docs/plant-file.md shows other faults than:\n%v", err)
	}
}
