namespace Ieum.Model;

/// <summary>Durations that read as they are said: <c>8.Hours</c>, <c>30.Seconds</c>.</summary>
public static class DurationUnits
{
    extension(int count)
    {
        public TimeSpan Milliseconds => TimeSpan.FromMilliseconds(count);
        public TimeSpan Seconds => TimeSpan.FromSeconds(count);
        public TimeSpan Minutes => TimeSpan.FromMinutes(count);
        public TimeSpan Hours => TimeSpan.FromHours(count);
        public TimeSpan Days => TimeSpan.FromDays(count);
    }
}
