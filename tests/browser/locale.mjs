// The sentences the pages are made of: a check asks for a sentence by its key, not by its wording.

import { readFileSync } from 'node:fs';

const files = Object.fromEntries(
  ['zh-CN', 'en'].map((lang) => {
    const text = readFileSync(new URL(`../../locales/${lang}.ftl`, import.meta.url), 'utf8');
    const lines = text.split('\n').filter((line) => /^[a-z]/.test(line));
    return [lang, new Map(lines.map((line) => line.split(/ = (.*)/).slice(0, 2)))];
  }),
);

/// The sentences of a language, by key.
export const sentences = (lang) => (key) => {
  const sentence = files[lang].get(key);
  if (!sentence) throw new Error(`locales/${lang}.ftl has no ${key}`);
  return sentence;
};
