package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// signers are those whose signatures a checkpoint must have.
type signers struct {
	log      note.Verifier
	required []note.Verifier
}

// head is a checkpoint whose signatures were checked.
type head struct {
	origin  string
	tree    tlog.Tree
	signers []string
}

func readKeys(key, witness string) (*signers, error) {
	text, err := line(key)
	if err != nil {
		return nil, err
	}
	log, err := note.NewVerifier(text)
	if err != nil {
		return nil, err
	}
	keys := &signers{log: log, required: []note.Verifier{log}}
	if witness != "" {
		text, err := line(witness)
		if err != nil {
			return nil, err
		}
		cosigner, err := newWitness(text)
		if err != nil {
			return nil, err
		}
		keys.required = append(keys.required, cosigner)
	}
	return keys, nil
}

// open checks a checkpoint's signatures and reads its three lines (C2SP tlog-checkpoint).
func (s *signers) open(bytes []byte) (*head, error) {
	opened, err := note.Open(bytes, note.VerifierList(s.required...))
	if err != nil {
		return nil, err
	}
	if len(opened.Sigs) != len(s.required) {
		return nil, fmt.Errorf("%d of %d signers signed", len(opened.Sigs), len(s.required))
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[len(lines)-1] != "" {
		return nil, errors.New("not three lines")
	}
	if lines[0] != s.log.Name() {
		return nil, fmt.Errorf("the origin is %q, the log's key is named %q", lines[0], s.log.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return nil, fmt.Errorf("the size is %q", lines[1])
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return nil, err
	}
	signed := &head{origin: lines[0], tree: tlog.Tree{N: size, Hash: root}}
	for _, signature := range opened.Sigs {
		signed.signers = append(signed.signers, signature.Name)
	}
	return signed, nil
}

// witness checks the cosignatures of C2SP tlog-cosignature, which Go's note leaves to others.
type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func newWitness(text string) (*witness, error) {
	parts := strings.SplitN(text, "+", 3)
	if len(parts) != 3 {
		return nil, fmt.Errorf("not a verifier key: %q", text)
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != 33 || key[0] != 0x04 {
		return nil, fmt.Errorf("not the key of a cosigner: %q", text)
	}
	digest := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	if fmt.Sprintf("%x", digest[:4]) != parts[1] {
		return nil, fmt.Errorf("the key id is not that of the key: %q", text)
	}
	return &witness{parts[0], binary.BigEndian.Uint32(digest[:4]), key[1:]}, nil
}

func (w *witness) Name() string    { return w.name }
func (w *witness) KeyHash() uint32 { return w.hash }

func (w *witness) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	time := binary.BigEndian.Uint64(signature)
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, text)
	return ed25519.Verify(w.key, []byte(message), signature[8:])
}
