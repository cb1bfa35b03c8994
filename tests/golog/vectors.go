package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// vectors is the file crates/tlog/testdata/vectors.json. Hashes read from base64.
type vectors struct {
	Entries []struct {
		Index              int64
		Salt, Event, Entry string
		Leaf               tlog.Hash
	}
	Node  struct{ Left, Right, Hash tlog.Hash }
	Roots []struct {
		Size int64
		Root tlog.Hash
	}
	Frontiers []struct {
		Size  int64
		Bytes string
	}
	Inclusion []struct {
		Index, Size int64
		Proof       []tlog.Hash
	}
	Consistency []struct {
		Old, New int64
		Proof    []tlog.Hash
	}
	Paths []struct {
		Path  string
		Level interface{}
		Index int64
		Width int
	}
	Tiles []struct {
		Size  int64
		Paths []string
	}
	Bundle struct {
		Entries []string
		Content string
	}
	Keys []struct {
		Type        byte
		Name, Seed  string
		KeyID       string `json:"key_id"`
		VerifierKey string `json:"verifier_key"`
		PrivateKey  string `json:"private_key"`
	}
	Checkpoint struct {
		Text, Signed    string
		Time            uint64
		CosignedMessage string `json:"cosigned_message"`
		Cosigned        string
	}
	Proof struct{ Event, Salt, Text string }
}

// sample is the entry of that index, its salt and event.
func sample(index int64) (entry [32]byte, salt []byte, event string) {
	salt = make([]byte, 16)
	binary.BigEndian.PutUint64(salt[8:], uint64(index))
	event = fmt.Sprintf("event %d", index)
	return sha256.Sum256(append(salt[:16:16], event...)), salt, event
}

// checkVectors recomputes everything in the file.
func checkVectors(file string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var v vectors
	if err := json.Unmarshal(content, &v); err != nil {
		return err
	}
	var tree nodes
	for index := int64(0); index < v.Roots[len(v.Roots)-1].Size; index++ {
		entry, _, _ := sample(index)
		if err := tree.append(index, tlog.RecordHash(entry[:])); err != nil {
			return err
		}
	}
	for _, part := range []struct {
		name  string
		check func(*vectors, nodes) (int, error)
	}{
		{"entries", checkEntries}, {"roots", checkRoots}, {"frontiers", checkFrontiers},
		{"inclusion proofs", checkInclusion}, {"consistency proofs", checkConsistency},
		{"paths", checkPaths}, {"lists of tiles", checkTiles}, {"bundled entries", checkBundle},
		{"keys", checkKeys}, {"signed texts", checkSigned},
	} {
		count, err := part.check(&v, tree)
		if err != nil {
			return fmt.Errorf("%s: %s: %w", file, part.name, err)
		}
		if count == 0 {
			return fmt.Errorf("%s: there are no %s", file, part.name)
		}
		fmt.Printf("vectors: %d %s agree\n", count, part.name)
	}
	return nil
}

func checkEntries(v *vectors, _ nodes) (int, error) {
	for _, e := range v.Entries {
		entry, salt, event := sample(e.Index)
		if hex.EncodeToString(entry[:]) != e.Entry || hex.EncodeToString(salt) != e.Salt ||
			event != e.Event || tlog.RecordHash(entry[:]) != e.Leaf {
			return 0, fmt.Errorf("entry %d differs", e.Index)
		}
	}
	if tlog.NodeHash(v.Node.Left, v.Node.Right) != v.Node.Hash {
		return 0, fmt.Errorf("the node differs")
	}
	return len(v.Entries), nil
}

func checkRoots(v *vectors, tree nodes) (int, error) {
	for _, r := range v.Roots {
		if have, err := root(tree, r.Size); err != nil || have != r.Root {
			return 0, fmt.Errorf("size %d: %v, %v", r.Size, have, err)
		}
	}
	return len(v.Roots), nil
}

func checkFrontiers(v *vectors, tree nodes) (int, error) {
	for _, f := range v.Frontiers {
		want := make([]byte, 8)
		binary.BigEndian.PutUint64(want, uint64(f.Size))
		for level, at := 62, int64(0); level >= 0; level-- {
			if f.Size>>uint(level)&1 == 1 {
				hash := tree[tlog.StoredHashIndex(level, at>>uint(level))]
				want = append(want, hash[:]...)
				at += 1 << uint(level)
			}
		}
		if hex.EncodeToString(want) != f.Bytes {
			return 0, fmt.Errorf("size %d differs", f.Size)
		}
	}
	return len(v.Frontiers), nil
}

func checkInclusion(v *vectors, tree nodes) (int, error) {
	for _, p := range v.Inclusion {
		have, err := root(tree, p.Size)
		if err != nil {
			return 0, err
		}
		entry, _, _ := sample(p.Index)
		err = tlog.CheckRecord(p.Proof, p.Size, have, p.Index, tlog.RecordHash(entry[:]))
		if err != nil {
			return 0, fmt.Errorf("%d in %d: %w", p.Index, p.Size, err)
		}
	}
	return len(v.Inclusion), nil
}

func checkConsistency(v *vectors, tree nodes) (int, error) {
	for _, p := range v.Consistency {
		if p.Old == 0 && len(p.Proof) == 0 {
			continue // Every tree continues the empty one; Go has no proof for it.
		}
		before, err := root(tree, p.Old)
		if err != nil {
			return 0, err
		}
		after, err := root(tree, p.New)
		if err != nil {
			return 0, err
		}
		if err := tlog.CheckTree(p.Proof, p.New, after, p.Old, before); err != nil {
			return 0, fmt.Errorf("%d to %d: %w", p.Old, p.New, err)
		}
	}
	return len(v.Consistency), nil
}

func checkPaths(v *vectors, _ nodes) (int, error) {
	for _, p := range v.Paths {
		tile := tlog.Tile{H: 8, L: -1, N: p.Index, W: p.Width}
		if level, ok := p.Level.(float64); ok {
			tile.L = int(level)
		} else if p.Level != "entries" {
			return 0, fmt.Errorf("%s: level %v", p.Path, p.Level)
		}
		if tilePath(tile) != p.Path {
			return 0, fmt.Errorf("%s is %s", p.Path, tilePath(tile))
		}
	}
	return len(v.Paths), nil
}

func checkTiles(v *vectors, _ nodes) (int, error) {
	for _, t := range v.Tiles {
		var paths []string
		for _, tile := range tilesOf(t.Size) {
			paths = append(paths, tilePath(tile))
		}
		sort.Strings(paths)
		sort.Strings(t.Paths)
		if strings.Join(paths, " ") != strings.Join(t.Paths, " ") {
			return 0, fmt.Errorf("size %d has %v", t.Size, paths)
		}
	}
	return len(v.Tiles), nil
}

func checkBundle(v *vectors, _ nodes) (int, error) {
	content, err := hex.DecodeString(v.Bundle.Content)
	if err != nil {
		return 0, err
	}
	entries, err := readBundle(content, len(v.Bundle.Entries))
	if err != nil {
		return 0, err
	}
	for i, entry := range entries {
		if hex.EncodeToString(entry) != v.Bundle.Entries[i] {
			return 0, fmt.Errorf("entry %d differs", i)
		}
	}
	return len(entries), nil
}

func checkKeys(v *vectors, _ nodes) (int, error) {
	for _, k := range v.Keys {
		seed, err := hex.DecodeString(k.Seed)
		if err != nil {
			return 0, err
		}
		public := ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
		typed := append([]byte{k.Type}, public...)
		id := sha256.Sum256(append([]byte(k.Name+"\n"), typed...))
		name := fmt.Sprintf("%s+%x+", k.Name, id[:4])
		secret := append([]byte{k.Type}, seed...)
		if fmt.Sprintf("%x", id[:4]) != k.KeyID ||
			name+base64.StdEncoding.EncodeToString(typed) != k.VerifierKey ||
			"PRIVATE+KEY+"+name+base64.StdEncoding.EncodeToString(secret) != k.PrivateKey {
			return 0, fmt.Errorf("the key of %s differs", k.Name)
		}
	}
	return len(v.Keys), nil
}

// checkSigned signs the checkpoint with Go, which must give the same bytes, and opens the rest.
func checkSigned(v *vectors, _ nodes) (int, error) {
	signer, err := note.NewSigner(v.Keys[0].PrivateKey)
	if err != nil {
		return 0, err
	}
	signed, err := note.Sign(&note.Note{Text: v.Checkpoint.Text}, signer)
	if err != nil || !bytes.Equal(signed, []byte(v.Checkpoint.Signed)) {
		return 0, fmt.Errorf("Go signs %q, %v", signed, err)
	}
	log, err := note.NewVerifier(v.Keys[0].VerifierKey)
	if err != nil {
		return 0, err
	}
	cosigner, err := newWitness(v.Keys[1].VerifierKey)
	if err != nil {
		return 0, err
	}
	keys := &signers{log: log, required: []note.Verifier{log, cosigner}}
	if _, err := keys.open([]byte(v.Checkpoint.Cosigned)); err != nil {
		return 0, err
	}
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", v.Checkpoint.Time, v.Checkpoint.Text)
	if message != v.Checkpoint.CosignedMessage {
		return 0, fmt.Errorf("the cosigned message is %q", message)
	}
	return 3, checkProofVector(v, keys)
}

func checkProofVector(v *vectors, keys *signers) error {
	proof, err := readProof(v.Proof.Text)
	if err != nil {
		return err
	}
	head, err := keys.open(proof.checkpoint)
	if err != nil {
		return err
	}
	if hex.EncodeToString(proof.extra) != v.Proof.Salt {
		return fmt.Errorf("the extra data of the proof is %x", proof.extra)
	}
	entry := sha256.Sum256(append(proof.extra, v.Proof.Event...))
	leaf := tlog.RecordHash(entry[:])
	return tlog.CheckRecord(proof.hashes, head.tree.N, head.tree.Hash, proof.index, leaf)
}
