using System.Text;
using CsCheck;
using Ieum.Connect.MtConnect;
using Ieum.Model;

namespace Ieum.Tests.Connect.MtConnect;

public class MtSessionTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Whatever_happens_to_the_buffer_every_number_is_received_once_or_counted_as_lost()
    {
        // Each step: the source makes some values, then the client does the next thing the session asks for, or sleeps.
        Gen.Select(Gen.Int[0, 40], Gen.Int[1, 30], Gen.Bool).Array[1, 120].Select(Gen.Int[4, 64]).Sample((steps, capacity) =>
        {
            var source = new Source(capacity);
            var session = new MtSession(new("s"));
            session.Snapshot(source.Current());
            var received = new List<long>();
            long lost = 0;
            foreach (var (made, count, sleeps) in steps)
            {
                source.Make(made);
                if (!sleeps) Ask(count);
            }
            for (var round = 0; session.Next <= source.Last && round < 1_000; round++) Ask(30);
            Assert.Equal(source.Last, received.Count + lost);
            Assert.Equal(received.Distinct().Order(), received);

            void Ask(int count)
            {
                if (session.Needs != MtResync.None)
                {
                    session.Snapshot(source.Current());
                    return;
                }
                if (source.Sample(session.ResumeAt, count) is not { } document)
                {
                    session.OutOfRange();
                    return;
                }
                var step = session.Part(document, Now, Now);
                received.AddRange(step.Accepted.Select(o => o.Sequence));
                lost += step.Gap?.Lost ?? 0;
            }
        }, iter: 2_000);
    }

    [Fact]
    public void The_snapshot_gives_back_what_the_buffer_dropped_and_only_that()
    {
        // Numbers 1 to 100, buffer of 10 (91 to 100); the snapshot still holds number 40 of a signal that seldom changes, and 100.
        var source = new Source(10);
        var session = new MtSession(new("s"));
        session.Snapshot(source.Current());
        source.Make(100);
        session.OutOfRange();
        session.Snapshot(source.Current(40));
        var step = session.Part(source.Sample(session.ResumeAt, 100)!, Now, Now);
        Assert.Equal([40L, 91, 92, 93, 94, 95, 96, 97, 98, 99, 100], step.Accepted.Select(o => o.Sequence));
        Assert.Equal((GapCause.BufferOverrun, 89L), (step.Gap!.Cause, step.Gap.Lost));      // 1 to 90 without 40
    }

    [Fact]
    public void Each_further_try_to_catch_a_moving_buffer_leaves_a_larger_margin()
    {
        var source = new Source(64);
        var session = new MtSession(new("s"));
        session.Snapshot(source.Current());
        source.Make(1000);                                      // the buffer holds 937 to 1000
        var starts = new List<long>();
        for (var i = 0; i < 5; i++)
        {
            session.OutOfRange();
            session.Snapshot(source.Current());
            starts.Add(session.ResumeAt);
        }
        Assert.Equal([937L, 945, 953, 969, 1001], starts);      // 0, 64/8, 64/4, 64/2 further on, then the newest
    }

    [Fact]
    public void Where_devices_share_the_numbers_a_gap_has_no_count()
    {
        var source = new Source(10);
        var session = new MtSession(new("s")) { SharesNumbers = true };
        session.Snapshot(source.Current());
        source.Make(100);
        session.OutOfRange();
        session.Snapshot(source.Current());
        Assert.Null(session.Part(source.Sample(session.ResumeAt, 5)!, Now, Now).Gap!.Lost);
    }

    [Fact]
    public void A_document_left_out_as_unreadable_is_a_gap_of_garbage_up_to_the_newest_number()
    {
        var source = new Source(100);
        var session = new MtSession(new("s"));
        session.Snapshot(source.Current());
        source.Make(20);
        session.Skip();
        session.Snapshot(source.Current());
        source.Make(1);
        var step = session.Part(source.Sample(session.ResumeAt, 5)!, Now, Now);
        Assert.Equal([20L, 21], step.Accepted.Select(o => o.Sequence));                     // the newest of them came with the snapshot
        Assert.Equal((GapCause.Garbage, 19L), (step.Gap!.Cause, step.Gap.Lost));
    }

    [Fact]
    public void A_device_keeps_its_index_from_document_to_document()
    {
        var decoder = new MtDecoder();
        Assert.True(decoder.TryDecode(Document("A", "B"), out var first, out _));
        Assert.Equal(["A", "B"], first.Observations.Select(o => first.DeviceStreams[o.Device].Name));
        Assert.True(decoder.TryDecode(Document("B"), out var second, out _));
        Assert.Equal("B", second.DeviceStreams[Assert.Single(second.Observations).Device].Name);

        static byte[] Document(params string[] devices) => Encoding.UTF8.GetBytes("<MTConnectStreams><Header instanceId='1'/><Streams>" + string.Concat(devices.Select(d =>
            $"<DeviceStream name='{d}' uuid='{d}'><ComponentStream><Samples><Load dataItemId='l' sequence='1' timestamp='2026-03-02T09:00:00Z'>1</Load></Samples></ComponentStream></DeviceStream>")) + "</Streams></MTConnectStreams>");
    }

    /// <summary>An agent's buffer as numbers only.</summary>
    private sealed class Source(int capacity)
    {
        public long Last { get; private set; }
        private long First => Math.Max(1, Last - capacity + 1);

        public void Make(int count) => Last += count;

        public MtDocument Current(params long[] also) => Document([.. also, .. Last > 0 ? [Last] : Array.Empty<long>()], Last + 1);

        public MtDocument? Sample(long from, int count) => from < First || from > Last + 1 ? null
            : Document([.. Enumerable.Range(0, (int)Math.Min(count, Last - from + 1)).Select(i => from + i)], Math.Min(from + count, Last + 1));

        private MtDocument Document(long[] numbers, long next)
        {
            var document = new MtDocument { Kind = MtDocumentKind.Streams, Header = new(7, capacity, First, Last, next, "", "2.0") };
            document.Observations.AddRange(numbers.Select(n => new MtObservation("x", "Load", MtCategory.Sample, n, 1, null, n, false, 0)));
            return document;
        }
    }
}
