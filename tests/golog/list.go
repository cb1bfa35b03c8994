package main

import (
	"bytes"
	"fmt"
	"io/ioutil"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
)

// readList reads the log's list of cosigned checkpoints, page by page: before each note stands a
// line "== SIZE BYTES" (docs/log.md).
func readList(read reader) ([][]byte, error) {
	var notes [][]byte
	from := int64(0)
	for {
		page, err := read(fmt.Sprintf("cosigned?from=%d", from))
		if err != nil || len(page) == 0 {
			return notes, err
		}
		for len(page) > 0 {
			end := bytes.IndexByte(page, '\n')
			fields := strings.Split(string(page[:end+1]), " ")
			if len(fields) != 3 || fields[0] != "==" {
				return nil, fmt.Errorf("cosigned: the line before note %d", len(notes))
			}
			size, err := strconv.ParseInt(fields[1], 10, 64)
			if err != nil || size < from {
				return nil, fmt.Errorf("cosigned: the size of note %d", len(notes))
			}
			page = page[end+1:]
			length, err := strconv.Atoi(strings.TrimSuffix(fields[2], "\n"))
			if err != nil || length < 0 || length > len(page) {
				return nil, fmt.Errorf("cosigned: the length of note %d", len(notes))
			}
			note := page[:length]
			if !bytes.Contains(note, []byte(fmt.Sprintf("\n%d\n", size))) {
				return nil, fmt.Errorf("cosigned: note %d is of another size", len(notes))
			}
			notes, page, from = append(notes, note), page[length:], size+1
		}
	}
}

// tamper serves a log with one bit of one path changed, near its end, prints the address,
// and goes on until it is stopped.
func tamper(place, path string) error {
	upstream, err := url.Parse(place)
	if err != nil {
		return err
	}
	proxy := httputil.NewSingleHostReverseProxy(upstream)
	proxy.ModifyResponse = func(answer *http.Response) error {
		if !strings.HasSuffix(answer.Request.URL.Path, "/"+path) {
			return nil
		}
		content, err := ioutil.ReadAll(answer.Body)
		if err != nil || len(content) == 0 {
			return err
		}
		content[len(content)-40] ^= 1
		answer.Body = ioutil.NopCloser(bytes.NewReader(content))
		return nil
	}
	server := httptest.NewServer(proxy)
	fmt.Println(server.URL)
	select {}
}
