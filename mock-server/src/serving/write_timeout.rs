//! A timeout for clients that do not read: a connection whose writes make no progress ends.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

/// The bytes that a client has to read in each window.
pub(super) const PROGRESS: usize = 64 * 1024;

/// A connection whose pending bytes have to be read, 64 KiB of them in each window.
pub(crate) struct WriteTimeout<S> {
    stream: S,
    window: Duration,
    /// Made when a write first waits: most connections have none.
    timer: Option<Pin<Box<Sleep>>>,
    /// Whether the window runs.
    is_waiting: bool,
    /// The bytes that were written in the window.
    written: usize,
}

impl<S> WriteTimeout<S> {
    pub(crate) fn new(stream: S, window: Duration) -> Self {
        Self { stream, window, timer: None, is_waiting: false, written: 0 }
    }

    /// Starts or ends the window by the result of a write; fails at its end.
    fn watch(
        &mut self,
        context: &mut Context<'_>,
        polled: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match polled {
            Poll::Ready(Ok(written)) => {
                self.written = self.written.saturating_add(written);
                self.is_waiting = self.is_waiting && self.written < PROGRESS;
                polled
            }
            Poll::Ready(Err(_)) => polled,
            Poll::Pending => self.wait(context),
        }
    }

    fn wait(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let end = Instant::now() + self.window;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(end)));
        if !self.is_waiting {
            timer.as_mut().reset(end);
            (self.is_waiting, self.written) = (true, 0);
        }
        timer.as_mut().poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for WriteTimeout<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for WriteTimeout<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.watch(context, polled)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.watch(context, polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.stream).poll_flush(context) {
            // Everything was written: the next bytes have a window of their own.
            Poll::Ready(flushed) => {
                self.is_waiting = false;
                Poll::Ready(flushed)
            }
            Poll::Pending => self.wait(context).map_ok(|_| ()),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.stream).poll_shutdown(context) {
            Poll::Ready(ended) => Poll::Ready(ended),
            Poll::Pending => self.wait(context).map_ok(|_| ()),
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    const WINDOW: Duration = Duration::from_millis(600);

    #[tokio::test]
    async fn a_client_that_does_not_read_is_cut_off() {
        let (ours, _theirs) = duplex(1000);
        let mut ours = WriteTimeout::new(ours, WINDOW);
        let error = ours.write_all(&[0; 5000]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn a_client_that_reads_a_byte_now_and_then_is_cut_off() {
        let (ours, mut theirs) = duplex(1000);
        let mut ours = WriteTimeout::new(ours, WINDOW);
        let reading = tokio::spawn(async move {
            while theirs.read_u8().await.is_ok() {
                tokio::time::sleep(WINDOW / 4).await;
            }
        });
        assert!(ours.write_all(&[0; 5000]).await.is_err());
        reading.abort();
    }

    #[tokio::test]
    async fn a_slow_client_and_a_late_one_are_served() {
        let (ours, mut theirs) = duplex(PROGRESS);
        let mut ours = WriteTimeout::new(ours, WINDOW);
        let reading = tokio::spawn(async move {
            let (mut part, mut total) = (vec![0; PROGRESS], 0);
            loop {
                tokio::time::sleep(WINDOW / 6).await;
                match theirs.read(&mut part).await.unwrap() {
                    0 => break total,
                    count => total += count,
                }
            }
        });
        for _ in 0..2 {
            ours.write_all(&vec![0; 8 * PROGRESS]).await.unwrap();
            ours.flush().await.unwrap();
            tokio::time::sleep(2 * WINDOW).await;
        }
        drop(ours);
        assert_eq!(reading.await.unwrap(), 16 * PROGRESS);
    }
}
