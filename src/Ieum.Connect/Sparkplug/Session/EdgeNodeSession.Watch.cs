using Ieum.Model;

namespace Ieum.Connect.Sparkplug.Session;

internal sealed partial class EdgeNodeSession
{
    private TimeSpan? _askedAt;
    private string? _wanted;
    private TimeSpan _heardAt;
    private TimeSpan? _signOfLifeAskedAt;
    private int _quietAsks;
    private bool _isSilent, _isUnheard;

    /// <summary>Somebody wants this node's data from now on; births that came earlier were not kept for him.</summary>
    public void Attached(TimeSpan wire)
    {
        (_heardAt, _quietAsks, _signOfLifeAskedAt) = (wire, 0, null);
        WantRebirth("a connection was started", wire);
    }

    /// <summary>The way to the broker broke; nothing that the node says now reaches us.</summary>
    public void LinkLost(long nowTicks)
    {
        var from = _lastReceiveTicks == 0 ? nowTicks : Math.Min(_lastReceiveTicks, nowTicks);
        foreach (var scope in Scopes)
        {
            if (scope.OutageFrom is null && scope.IsBorn)
                (scope.OutageFrom, scope.OutageCause, scope.OutageDetail) = (from, GapCause.Disconnected, "the connection to the broker was lost");
            scope.IsBorn = false;
            _effects.Link(scope, LinkState.Disconnected);
        }
        // Whatever the node does meanwhile, its next birth tells; a death in between is covered by this outage.
        (_phase, _expected, _isSilent, _isUnheard) = (Phase.Unknown, -1, false, false);
        _held.Clear();
        _heldBytes = 0;
        _givenUp.Clear();
    }

    public void LinkBack(TimeSpan wire)
    {
        foreach (var scope in Scopes) _effects.Link(scope, LinkState.Connecting);
        Attached(wire);
    }

    /// <summary>Looks at the limits; call it several times a second.</summary>
    public void Tick(long nowTicks, TimeSpan wire)
    {
        if (_held.Count > 0 && wire - _holeSince >= _limits.Reorder) ReleaseHeld(wire);
        if (_wanted is { } reason) WantRebirth(reason, wire);
        if (_phase == Phase.Dead) return;   // it will be born when it comes back

        if (_signOfLifeAskedAt is { } asked && !_isUnheard && wire - asked >= _limits.Answer)
        {
            _isUnheard = true;
            foreach (var scope in Scopes)
                if (scope.IsBorn && scope.OutageFrom is null)
                    (scope.OutageFrom, scope.OutageCause, scope.OutageDetail) =
                        (Math.Min(_lastReceiveTicks, nowTicks), GapCause.Disconnected, "the node fell silent and did not answer a rebirth request");
        }
        if (wire - (_signOfLifeAskedAt ?? _heardAt) < Patience) return;
        _isSilent = true;
        foreach (var scope in Scopes) if (scope.IsBorn) _effects.Link(scope, LinkState.Silent);
        _quietAsks++;
        _signOfLifeAskedAt = wire;
        WantRebirth($"nothing was heard for {(wire - _heardAt).TotalSeconds:0} s", wire);
    }

    /// <summary>The source stops: open outages are told as far as they go.</summary>
    public void Close(MetricScope scope, long nowTicks) => EndOutage(scope, nowTicks);

    /// <summary>Doubles with each request that only brought a birth: a node without news is not a broken one.</summary>
    private TimeSpan Patience
    {
        get
        {
            // Never heard: it may have missed the first request while it was still subscribing, so ask soon again, then less often.
            if (_phase == Phase.Unknown && _quietAsks < 3) return _limits.RebirthPause < _limits.Silence ? _limits.RebirthPause : _limits.Silence;
            if (_phase == Phase.Unknown || _isUnheard) return _limits.Silence;
            var wait = _limits.Silence * Math.Pow(2, Math.Min(_quietAsks, 20));
            return wait < _limits.LongestSilence ? wait : _limits.LongestSilence;
        }
    }

    private void Heard(TimeSpan wire, bool isBirth)
    {
        _heardAt = wire;
        _signOfLifeAskedAt = null;
        if (!isBirth) _quietAsks = 0;
        if (!_isSilent) return;
        _isSilent = false;
        foreach (var scope in Scopes) if (scope.IsBorn) _effects.Link(scope, LinkState.Connected);
    }

    /// <summary>Data go on after a silence: with an unbroken sequence nothing was lost, so there is no gap to tell.</summary>
    private void EndQuietOutage(MetricScope scope)
    {
        _isUnheard = false;
        if (scope.OutageFrom is not null && scope.OutageCause == GapCause.Disconnected) scope.OutageFrom = null;
    }

    private void BirthArrived()
    {
        (_wanted, _isUnheard) = (null, false);
        _givenUp.Clear();
    }

    /// <summary>Asks for the births now, or as soon as the pause between two requests is over.</summary>
    private void WantRebirth(string reason, TimeSpan wire)
    {
        if (_askedAt is { } last && wire - last < _limits.RebirthPause)
        {
            _wanted ??= reason;
            return;
        }
        (_wanted, _askedAt) = (null, wire);
        _effects.AskRebirth(reason);
    }
}
