using Ieum.Connect.OpcUa.Server;

namespace Ieum.Sim.OpcUa;

/// <summary>Counts every value of a machine from its making to its delivery, whatever queues and histories hold it.</summary>
/// <remarks>
/// A value is sent when a queue or history a client can read has it, delivered when a client acknowledged or read it,
/// lost when the last holder let go of it undelivered. One byte per value is kept until its page of 4096 is settled.
/// Safe for several threads.
/// </remarks>
internal sealed class UaBook : IDeliveryBook
{
    private const int PageSize = 4096;
    private const byte SentBit = 1, DeliveredBit = 2, LostBit = 4, OneHolder = 8;   // up to 31 holders

    private sealed class Page
    {
        public readonly byte[] States = new byte[PageSize];
        public int Unsettled = PageSize;
    }

    private readonly Lock _gate = new();
    private readonly Dictionary<long, Page> _pages = [];
    private long _produced, _sent, _delivered, _lost;

    public long Produced { get { lock (_gate) return _produced; } }
    public long Sent { get { lock (_gate) return _sent; } }
    public long Delivered { get { lock (_gate) return _delivered; } }
    public long Lost { get { lock (_gate) return _lost; } }

    /// <summary>Pages not settled yet; for tests of memory.</summary>
    public int Pages { get { lock (_gate) return _pages.Count; } }

    /// <returns>The serial of a new value, 1 and up.</returns>
    public long Produce()
    {
        lock (_gate)
        {
            var serial = ++_produced;
            if ((serial - 1) % PageSize == 0) _pages[(serial - 1) / PageSize] = new();
            return serial;
        }
    }

    public bool WasSent(long serial)
    {
        lock (_gate) return !_pages.TryGetValue((serial - 1) / PageSize, out var page) || (page.States[(serial - 1) % PageSize] & SentBit) != 0;
    }

    public void Held(long serial) => Change(serial, Step.Hold);

    public void Released(long serial, bool delivered) => Change(serial, delivered ? Step.Deliver | Step.Release : Step.Release);

    void IDeliveryBook.Delivered(long serial) => Change(serial, Step.Deliver);

    [Flags]
    private enum Step : byte { Hold = 1, Deliver = 2, Release = 4 }

    private void Change(long serial, Step step)
    {
        lock (_gate)
        {
            var number = (serial - 1) / PageSize;
            // A page is gone when all its values were delivered: nothing more can happen to the counts.
            if (!_pages.TryGetValue(number, out var page)) return;
            ref var state = ref page.States[(serial - 1) % PageSize];
            var before = Settled(state);
            if ((step & Step.Release) == 0)
            {
                // Held or read: a client can have it, also when it was given up for lost before.
                if ((state & SentBit) == 0) _sent++;
                if ((state & LostBit) != 0) _lost--;
                state = (byte)((state | SentBit) & ~LostBit);
                if ((step & Step.Hold) != 0 && state < 256 - OneHolder) state += OneHolder;
            }
            if ((step & Step.Deliver) != 0 && (state & DeliveredBit) == 0)
            {
                _delivered++;
                state |= DeliveredBit;
            }
            if ((step & Step.Release) != 0)
            {
                if (state >= OneHolder) state -= OneHolder;
                if (state < OneHolder && (state & (DeliveredBit | LostBit)) == 0)
                {
                    _lost++;
                    state |= LostBit;
                }
            }
            page.Unsettled += (before ? 1 : 0) - (Settled(state) ? 1 : 0);
            if (page.Unsettled == 0) _pages.Remove(number);
        }
    }

    private static bool Settled(byte state) => (state & (SentBit | DeliveredBit)) == (SentBit | DeliveredBit);
}
