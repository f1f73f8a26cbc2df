package vprint_test

import (
	"fmt"
	"time"

	"github.com/rungmail/rungmail/internal/plc/memory"
	"github.com/rungmail/rungmail/internal/plc/vprint"
)

func Example() {
	body, err := vprint.Parse(`"Shift # " V3000:S " made " V3001 " widgets"`)
	if err != nil {
		fmt.Println(err)
		return
	}
	var m memory.Image
	m.SetWord(0o3000, 2)
	m.SetWord(0o3001, 57555)
	fmt.Printf("%s (at most %d bytes)\n", body.Append(nil, &m, time.Time{}, vprint.Options{}), body.Longest(vprint.Options{}))
	// Output: Shift # 2 made 57555 widgets (at most 32 bytes)
}
