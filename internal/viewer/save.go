package viewer

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"
)

// maxNames is how many names are tried for a log that was given none.
const maxNames = 100

// Save writes a log's lines to a new file and tells its name; a file that is there
// is never overwritten. Without a name it finds one for the time. Only its owner
// may read it: it holds the subjects and texts of mails.
func Save(name string, now time.Time, lines []string) (string, error) {
	if name != "" {
		return name, create(name, lines)
	}
	stem := "rungmail-trace-" + now.Format("20060102-150405")
	name = stem + ".log"
	for i := 2; ; i++ {
		err := create(name, lines)
		if !errors.Is(err, fs.ErrExist) || i > maxNames {
			return name, err
		}
		name = fmt.Sprintf("%s-%d.log", stem, i)
	}
}

func create(name string, lines []string) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("nothing saved: %w", err)
	}
	text := strings.Join(lines, "\n")
	if len(lines) > 0 {
		text += "\n"
	}
	_, err = file.WriteString(text)
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("not all was saved: %w", err)
	}
	return nil
}
