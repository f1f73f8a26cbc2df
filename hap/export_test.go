package hap

// SkipTo has the next request go out with this id.
func (c *Client) SkipTo(id uint16) { c.id = id - 1 }
