//! How the characters of a text file are written.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{UTF_16BE, UTF_16LE};
use encoding_rs_io::DecodeReaderBytesBuilder;

use super::super::SheetError;
use super::super::source::{Kind, Original, Utf8};
use super::delimiter::Sample;

const BUFFER_BYTES: usize = 256 * 1024;
/// Enough for 50 rows of the widest sheets.
const SAMPLE_BYTES: u64 = 1024 * 1024;

/// An encoding, and how many bytes of mark stand before the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Encoding {
    /// None for UTF-8, which is read as it is.
    decoded_from: Option<&'static encoding_rs::Encoding>,
    mark_bytes: u64,
}

/// The encoding of a text, with what to tell the user if it could only be guessed.
pub(super) fn detect(original: &Original) -> Result<(Encoding, Option<String>), SheetError> {
    let unreadable = |error| original.unreadable(error);
    let mut file = original.reopen()?;
    let mut mark = [0; 3];
    let mut length = 0;
    while length < mark.len() {
        match file.read(&mut mark[length..]).map_err(unreadable)? {
            0 => break,
            count => length += count,
        }
    }
    match mark {
        [0xFF, 0xFE, _] => return Ok((Encoding { decoded_from: Some(UTF_16LE), mark_bytes: 2 }, None)),
        [0xFE, 0xFF, _] => return Ok((Encoding { decoded_from: Some(UTF_16BE), mark_bytes: 2 }, None)),
        // Zero bytes are in no other text (`source::kind`).
        [1..=255, 0, 1..=255] => return Ok((Encoding { decoded_from: Some(UTF_16LE), mark_bytes: 0 }, None)),
        [0, 1..=255, 0] => return Ok((Encoding { decoded_from: Some(UTF_16BE), mark_bytes: 0 }, None)),
        _ => {}
    }
    match original.kind {
        Kind::Text(Utf8::Valid) | Kind::Workbook(_) => {
            let mark_bytes = if mark == [0xEF, 0xBB, 0xBF] { 3 } else { 0 };
            Ok((Encoding { decoded_from: None, mark_bytes }, None))
        }
        Kind::Text(Utf8::Until(offset)) => {
            let line = line_of(&mut file, offset).map_err(unreadable)?;
            Err(SheetError::MixedEncoding { file: original.name.clone(), line })
        }
        Kind::Text(Utf8::Never) => {
            let guess = guess(&mut file).map_err(unreadable)?;
            let notice = format!("the file is not UTF-8; it is read as {}", guess.name());
            Ok((Encoding { decoded_from: Some(guess), mark_bytes: 0 }, Some(notice)))
        }
    }
}

impl Encoding {
    /// Its name, if the text is not UTF-8.
    pub fn name(self) -> Option<&'static str> {
        self.decoded_from.map(encoding_rs::Encoding::name)
    }

    /// The text in UTF-8.
    pub fn reader(self, mut file: File) -> io::Result<Box<dyn BufRead + Send>> {
        file.seek(SeekFrom::Start(self.mark_bytes))?;
        let Some(encoding) = self.decoded_from else {
            return Ok(Box::new(BufReader::with_capacity(BUFFER_BYTES, file)));
        };
        let decoder = DecodeReaderBytesBuilder::new().encoding(Some(encoding)).bom_sniffing(false).build(file);
        Ok(Box::new(BufReader::with_capacity(BUFFER_BYTES, decoder)))
    }

    /// The beginning of the text in UTF-8.
    pub fn sample(self, file: File) -> io::Result<Sample> {
        let mut text = Vec::new();
        self.reader(file)?.take(SAMPLE_BYTES).read_to_end(&mut text)?;
        Ok(Sample { is_whole: (text.len() as u64) < SAMPLE_BYTES, text })
    }
}

fn line_of(file: &mut File, offset: u64) -> io::Result<u64> {
    file.seek(SeekFrom::Start(0))?;
    let mut input = BufReader::new(file).take(offset);
    let mut line = 1;
    loop {
        let chunk = input.fill_buf()?;
        if chunk.is_empty() {
            return Ok(line);
        }
        line += super::record::line_feeds(chunk) as u64;
        let count = chunk.len();
        input.consume(count);
    }
}

fn guess(file: &mut File) -> io::Result<&'static encoding_rs::Encoding> {
    file.seek(SeekFrom::Start(0))?;
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let mut input = BufReader::with_capacity(BUFFER_BYTES, file);
    loop {
        let chunk = input.fill_buf()?;
        detector.feed(chunk, chunk.is_empty());
        if chunk.is_empty() {
            return Ok(detector.guess(None, Utf8Detection::Deny));
        }
        let count = chunk.len();
        input.consume(count);
    }
}
