using CsCheck;
using Ieum.Analyze;
using Ieum.Model;

namespace Ieum.Tests.Analyze;

public sealed class StateTrackerTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 2, 8, 0, 0, TimeSpan.Zero);
    private readonly StateTracker _tracker = new();

    private static DateTimeOffset At(int second) => Start.AddSeconds(second);

    private bool Say(int second, SignalRole role, SampleValue value, int signal = 0, Quality quality = Quality.Good) =>
        _tracker.Apply(new(new(signal > 0 ? signal : 1 + (int)role), At(second).UtcTicks, At(second).UtcTicks, value, quality), role);

    private bool Say(int second, SignalRole role, string word, int signal = 0, Quality quality = Quality.Good) =>
        Say(second, role, SampleValue.Of(word), signal, quality);

    private bool Miss(int from, int to, GapCause cause = GapCause.Disconnected, long? lost = null) =>
        _tracker.ApplyGap(new(new("S"), new(At(from), At(to)), cause, lost, ""));

    private void Is(MachineState state, MachineOverlay overlay, int sinceSecond, string cause) =>
        Assert.Equal(new(state, overlay, At(sinceSecond), cause), _tracker.Current);

    [Fact]
    public void A_machine_that_never_spoke_is_unknown() =>
        Assert.Equal(new(MachineState.Unknown, MachineOverlay.None, DateTimeOffset.MinValue, ""), _tracker.Current);

    [Theory]
    [InlineData("ACTIVE", MachineState.Running)]
    [InlineData("READY", MachineState.Idle)]
    [InlineData("FEED_HOLD", MachineState.Stopped)]
    [InlineData("INTERRUPTED", MachineState.Stopped)]
    [InlineData("PROGRAM_STOPPED", MachineState.Stopped)]
    [InlineData("UNAVAILABLE", MachineState.Offline)]
    [InlineData("DANCING", MachineState.Unknown)]
    public void The_execution_word_sets_the_state(string word, MachineState expected)
    {
        Say(0, SignalRole.Execution, expected == MachineState.Unknown ? "READY" : "DANCING");
        Say(5, SignalRole.Execution, word);
        Is(expected, MachineOverlay.None, 5, word);
    }

    [Fact]
    public void The_same_state_by_another_word_keeps_its_begin()
    {
        Say(0, SignalRole.Execution, "FEED_HOLD");
        Assert.False(Say(9, SignalRole.Execution, "INTERRUPTED"));
        Is(MachineState.Stopped, MachineOverlay.None, 0, "FEED_HOLD");
    }

    [Fact]
    public void An_unavailable_machine_is_offline_until_it_is_available_again()
    {
        Say(0, SignalRole.Execution, "READY");
        Assert.True(Say(10, SignalRole.Availability, "UNAVAILABLE"));
        Is(MachineState.Offline, MachineOverlay.None, 10, "UNAVAILABLE");
        Assert.True(Say(20, SignalRole.Availability, "AVAILABLE"));
        Is(MachineState.Idle, MachineOverlay.None, 20, "READY");
    }

    [Fact]
    public void A_machine_that_reports_what_it_executes_after_unavailable_can_be_reached()
    {
        Say(0, SignalRole.Availability, "UNAVAILABLE");
        Say(30, SignalRole.Execution, "ACTIVE");
        Is(MachineState.Running, MachineOverlay.None, 30, "ACTIVE");
    }

    [Theory]
    [InlineData(Quality.Unavailable, MachineState.Offline, "UNAVAILABLE")]
    [InlineData(Quality.Stale, MachineState.Offline, "UNAVAILABLE")]
    [InlineData(Quality.Bad, MachineState.Unknown, "BAD_QUALITY")]
    [InlineData(Quality.Uncertain, MachineState.Running, "ACTIVE")]
    public void Quality_decides_what_a_word_is_worth(Quality quality, MachineState expected, string cause)
    {
        Say(0, SignalRole.Execution, "READY");
        Say(1, SignalRole.Execution, "ACTIVE", quality: quality);
        Is(expected, MachineOverlay.None, 1, cause);
    }

    [Fact]
    public void Switched_off_is_offline_and_switched_on_goes_back_to_the_execution_word()
    {
        Say(0, SignalRole.Execution, "READY");
        Say(5, SignalRole.PowerState, "OFF");
        Is(MachineState.Offline, MachineOverlay.None, 5, "OFF");
        Say(8, SignalRole.PowerState, "ON");
        Is(MachineState.Idle, MachineOverlay.None, 8, "READY");
    }

    [Fact]
    public void A_gap_is_unknown_until_execution_is_reported_again()
    {
        Say(0, SignalRole.Execution, "ACTIVE");
        Assert.True(Miss(60, 90));
        Is(MachineState.Unknown, MachineOverlay.None, 60, "Disconnected");
        Assert.False(Say(91, SignalRole.ControllerMode, "AUTOMATIC"));
        Assert.True(Say(95, SignalRole.Execution, "READY"));
        Is(MachineState.Idle, MachineOverlay.None, 95, "READY");
    }

    [Fact]
    public void A_word_restated_after_a_gap_with_its_old_stamp_has_held_all_the_time()
    {
        Say(50, SignalRole.Execution, "ACTIVE");
        Miss(60, 90);
        Assert.True(Say(50, SignalRole.Execution, "ACTIVE"));
        Is(MachineState.Running, MachineOverlay.None, 50, "ACTIVE");
    }

    [Fact]
    public void The_same_word_with_a_new_stamp_after_a_gap_began_anew()
    {
        Say(50, SignalRole.Execution, "ACTIVE");
        Miss(60, 90);
        Say(92, SignalRole.Execution, "ACTIVE");
        Is(MachineState.Running, MachineOverlay.None, 92, "ACTIVE");
    }

    [Fact]
    public void A_gap_that_lost_nothing_changes_nothing_and_a_death_is_offline()
    {
        Say(0, SignalRole.Execution, "ACTIVE");
        Assert.False(Miss(60, 90, lost: 0));
        Assert.True(Miss(100, 130, GapCause.Death));
        Is(MachineState.Offline, MachineOverlay.None, 100, "Death");
    }

    [Fact]
    public void A_late_report_is_history()
    {
        Say(10, SignalRole.Execution, "ACTIVE");
        Assert.False(Say(5, SignalRole.Execution, "READY"));
        Is(MachineState.Running, MachineOverlay.None, 10, "ACTIVE");
    }

    [Fact]
    public void Faults_lie_over_the_state_and_end_by_code_or_all_at_once()
    {
        Say(0, SignalRole.Execution, "ACTIVE");
        Say(1, SignalRole.Condition, "Fault|701|||SPINDLE ALARM");
        Say(2, SignalRole.Condition, "Warning|210|||COOLANT LOW");
        Is(MachineState.Running, MachineOverlay.Fault | MachineOverlay.Warning, 0, "ACTIVE");
        Say(3, SignalRole.Condition, "Normal|701|||");
        Is(MachineState.Running, MachineOverlay.Warning, 0, "ACTIVE");
        Say(4, SignalRole.Condition, "Fault|702|||");
        Say(5, SignalRole.Condition, "Normal||||");
        Is(MachineState.Running, MachineOverlay.None, 0, "ACTIVE");
        Assert.Empty(_tracker.Alarms);
    }

    [Fact]
    public void A_fault_of_one_condition_outlives_the_all_clear_of_another()
    {
        Say(0, SignalRole.Execution, "READY");
        Say(1, SignalRole.Condition, "Fault|1102|||INTERFERE", signal: 41);
        Say(2, SignalRole.Condition, "Normal||||", signal: 42);
        Is(MachineState.Idle, MachineOverlay.Fault, 0, "READY");
        Say(3, SignalRole.Condition, SampleValue.None, signal: 41, quality: Quality.Unavailable);
        Is(MachineState.Idle, MachineOverlay.None, 0, "READY");
    }

    [Fact]
    public void A_pressed_emergency_stop_is_a_fault()
    {
        Say(0, SignalRole.Execution, "STOPPED");
        Say(1, SignalRole.EmergencyStop, "TRIGGERED");
        Is(MachineState.Stopped, MachineOverlay.Fault, 0, "STOPPED");
        Say(2, SignalRole.EmergencyStop, "ARMED");
        Is(MachineState.Stopped, MachineOverlay.None, 0, "STOPPED");
    }

    [Theory]
    [InlineData("MANUAL", MachineOverlay.SetUp)]
    [InlineData("MANUAL_DATA_INPUT", MachineOverlay.SetUp)]
    [InlineData("AUTOMATIC", MachineOverlay.None)]
    [InlineData("EDIT", MachineOverlay.None)]
    public void Manual_modes_are_set_up_while_the_machine_can_be_reached(string mode, MachineOverlay expected)
    {
        Say(0, SignalRole.Execution, "READY");
        Say(1, SignalRole.ControllerMode, mode);
        Is(MachineState.Idle, expected, 0, "READY");
        Say(2, SignalRole.Execution, "UNAVAILABLE");
        Is(MachineState.Offline, MachineOverlay.None, 2, "UNAVAILABLE");
    }

    [Fact]
    public void A_lamp_tells_running_from_idle_where_there_is_no_execution()
    {
        Say(0, SignalRole.InCycle, SampleValue.Of(true));
        Is(MachineState.Running, MachineOverlay.None, 0, "IN_CYCLE");
        Say(7, SignalRole.InCycle, SampleValue.Of(false));
        Is(MachineState.Idle, MachineOverlay.None, 7, "OUT_OF_CYCLE");
        Say(9, SignalRole.Execution, "INTERRUPTED");
        Is(MachineState.Stopped, MachineOverlay.None, 9, "INTERRUPTED");
    }

    [Fact]
    public void A_machine_with_two_paths_does_what_its_busiest_path_does()
    {
        Say(0, SignalRole.Execution, "READY", signal: 51);
        Say(1, SignalRole.Execution, "ACTIVE", signal: 52);
        Is(MachineState.Running, MachineOverlay.None, 1, "ACTIVE");
        Say(2, SignalRole.Execution, "INTERRUPTED", signal: 52);
        Is(MachineState.Stopped, MachineOverlay.None, 2, "INTERRUPTED");
    }

    [Fact]
    public void Whatever_is_said_no_begin_is_invented_and_an_answer_of_true_means_a_change()
    {
        string[] words = ["ACTIVE", "READY", "FEED_HOLD", "UNAVAILABLE", "", "AVAILABLE", "OFF", "MANUAL", "Fault|1|||x", "Normal||||", "Warning|2|||", "|", "ｱﾗｰﾑ"];
        var step = Gen.Select(Gen.Int[-5, 60], Gen.Int[0, 16], Gen.Int[0, words.Length - 1], Gen.Int[0, 4], Gen.Int[0, 20]);
        step.Array[0, 60].Sample(steps =>
        {
            var tracker = new StateTracker();
            var second = 0;
            var begins = new HashSet<DateTimeOffset> { DateTimeOffset.MinValue };
            foreach (var (ahead, role, word, quality, gap) in steps)
            {
                second += ahead;
                var before = tracker.Current;
                var changed = gap == 0
                    ? tracker.ApplyGap(new(new("S"), new(At(second), At(second + 1)), GapCause.SequenceSkip, null, ""))
                    : tracker.Apply(new(new(1 + role), At(second).UtcTicks, At(second).UtcTicks, SampleValue.Of(words[word]), (Quality)quality), (SignalRole)role);
                Assert.Equal(changed, tracker.Current.State != before.State || tracker.Current.Overlay != before.Overlay);
                // Only a word restated after a gap brings back an earlier begin, and that was one it had before.
                Assert.True(tracker.Current.Since >= before.Since || begins.Contains(tracker.Current.Since));
                if (tracker.Current.State == before.State) Assert.Equal(before.Since, tracker.Current.Since);
                begins.Add(tracker.Current.Since);
            }
        });
    }
}
