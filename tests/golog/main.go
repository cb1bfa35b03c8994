// Command golog checks a log with Go's own implementation of transparency logs,
// golang.org/x/mod/sumdb/tlog and .../note, which shares nothing with ours.
//
//	golog -key FILE [-witness FILE] [-old FILE]... [-proof FILE]... [-http] DIR-or-URL
//	golog -cosigned -key FILE -witness FILE URL
//	golog -tamper PATH URL
//	golog -vectors FILE
//
// It reads the checkpoint, every tile and every entry bundle at the paths of C2SP tlog-tiles, from
// a folder or over HTTP; checks the signature, every hash of every tile, every entry, inclusion
// proofs and the consistency with older checkpoints; and prints a line for each. The exit code is
// 1 at the first thing that is wrong, which is printed. With -cosigned the witness must have signed
// not the newest checkpoint but every one of the log's list, which is read from the log as well.
// With -tamper it checks nothing, but serves the log at URL with one bit of one path changed.
package main

import (
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
)

// files is a flag that may be given more than once.
type files []string

func (f *files) String() string         { return strings.Join(*f, " ") }
func (f *files) Set(value string) error { *f = append(*f, value); return nil }

func main() {
	var old, proofs files
	key := flag.String("key", "", "`file` with the log's verifier key")
	witness := flag.String("witness", "", "`file` with the key of a witness that must have cosigned")
	overHTTP := flag.Bool("http", false, "serve the folder on a loopback port and read it from there")
	vectors := flag.String("vectors", "", "check the test vectors in this `file` instead of a log")
	list := flag.Bool("cosigned", false, "read the log's list of cosigned checkpoints, too")
	tampered := flag.String("tamper", "", "serve the log at URL, with one bit of this `path` changed")
	flag.Var(&old, "old", "`file` with an older checkpoint of the log; may be repeated")
	flag.Var(&proofs, "proof", "`file` with a tlog-proof of an entry of the log; may be repeated")
	flag.Parse()
	if *vectors != "" {
		exit(checkVectors(*vectors))
	}
	if *tampered != "" && flag.NArg() == 1 {
		exit(tamper(flag.Arg(0), *tampered))
	}
	if flag.NArg() != 1 || *key == "" {
		flag.Usage()
		os.Exit(2)
	}
	place := flag.Arg(0)
	if *overHTTP {
		server := httptest.NewServer(http.FileServer(http.Dir(place)))
		defer server.Close()
		place = server.URL
	}
	if *list {
		exit(checkCosigned(source(place), *key, *witness))
	}
	exit(check(source(place), *key, *witness, old, proofs))
}

// checkCosigned checks everything, and every checkpoint of the log's list against its tree.
func checkCosigned(read reader, key, witness string) error {
	// The list first: the log may grow meanwhile.
	list, err := readList(read)
	if err != nil {
		return err
	}
	log, err := checkTree(read, key, "")
	if err != nil {
		return err
	}
	signers, err := readKeys(key, witness)
	if err != nil {
		return err
	}
	for _, note := range list {
		if err := log.checkOlder(signers, note, read); err != nil {
			return fmt.Errorf("cosigned: %w", err)
		}
	}
	fmt.Printf("%d cosigned checkpoints are of the same tree\n", len(list))
	return nil
}

// check does everything there is to check of a log.
func check(read reader, key, witness string, old, proofs []string) error {
	log, err := checkTree(read, key, witness)
	if err != nil {
		return err
	}
	signers, err := readKeys(key, witness)
	if err != nil {
		return err
	}
	for _, file := range old {
		if err := log.checkOld(signers, file, read); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	for _, file := range proofs {
		if err := log.checkProof(signers, file); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	return nil
}

// checkTree checks the newest checkpoint, all of the tree it signs, and proofs made from tiles.
func checkTree(read reader, key, witness string) (*log, error) {
	signers, err := readKeys(key, witness)
	if err != nil {
		return nil, err
	}
	bytes, err := read("checkpoint")
	if err != nil {
		return nil, err
	}
	head, err := signers.open(bytes)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	fmt.Printf("checkpoint of %s: %d leaves, root %v, signed by %s\n",
		head.origin, head.tree.N, head.tree.Hash, strings.Join(head.signers, " and "))
	log, err := readLog(read, head.tree)
	if err != nil {
		return nil, err
	}
	return log, log.prove(read)
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "golog:", err)
		os.Exit(1)
	}
	os.Exit(0)
}
