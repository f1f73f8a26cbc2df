package vprint

import (
	"bytes"
	"math"
	"strconv"
)

// significant is how many digits of a real with a fraction are printed: a single
// holds a little over seven.
const significant = 7

// appendReal appends v in plain decimal: seven significant digits without the
// zeros that end a fraction, or from ten million up, where a single has no
// fraction, the shortest digits that read back as v. What wouldn't fit in 13
// characters so is appended as [appendExponent] does. Zero has no sign.
func appendReal(dst []byte, v float32) []byte {
	if v == 0 {
		return append(dst, '0')
	}
	if notNumber(v) {
		return appendNotNumber(dst, v)
	}
	start := len(dst)
	dst = appendPlain(dst, v)
	if n := len(dst) - start; n > 0 && n <= realWidth {
		return dst
	}
	return appendExponent(dst[:start], v)
}

// appendPlain appends v in plain decimal if that has a chance to fit, and else
// nothing.
func appendPlain(dst []byte, v float32) []byte {
	exp := exponent(v)
	if exp < -realWidth || exp >= realWidth {
		return dst
	}
	fraction := max(significant-1-exp, -1) // -1: the shortest that reads back
	dst = strconv.AppendFloat(dst, float64(v), 'f', fraction, 32)
	if fraction > 0 { // then there is a point, which stops the trimming
		dst = bytes.TrimRight(dst, "0")
		dst = bytes.TrimSuffix(dst, []byte{'.'})
	}
	return dst
}

// exponent is the power of ten of v's first digit, once v is rounded to seven.
func exponent(v float32) int {
	var scratch [realWidth]byte
	digits := strconv.AppendFloat(scratch[:0], float64(v), 'e', significant-1, 32)
	tail := digits[len(digits)-3:] // a single's exponent has two digits
	exp := int(tail[1]-'0')*10 + int(tail[2]-'0')
	if tail[0] == '-' {
		return -exp
	}
	return exp
}

// appendExponent appends v as [-]d.ddddddE±dd: 12 or 13 characters. Zero has no
// sign.
func appendExponent(dst []byte, v float32) []byte {
	if notNumber(v) {
		return appendNotNumber(dst, v)
	}
	if v == 0 {
		v = 0 // not -0
	}
	return strconv.AppendFloat(dst, float64(v), 'E', significant-1, 32)
}

func notNumber(v float32) bool {
	return math.IsNaN(float64(v)) || math.IsInf(float64(v), 0)
}

// appendNotNumber appends what no digits can say.
func appendNotNumber(dst []byte, v float32) []byte {
	switch {
	case v > 0:
		return append(dst, "Inf"...)
	case v < 0:
		return append(dst, "-Inf"...)
	}
	return append(dst, "NaN"...)
}
