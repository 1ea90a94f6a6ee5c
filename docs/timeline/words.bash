# words: prints the table of sentences for words.awk, an English one on a line, its Chinese on the
# next; nothing when the reader is spoken to in English. Needs docs/language/locale.bash.
words() { [[ $SPOKEN != zh ]] || pairs "${BASH_SOURCE[0]%/*}/../language/chinese.po"; }
