namespace Ieum.Connect.OpcUa.Server;

/// <summary>Answers that carry only a status.</summary>
internal static class Fault
{
    public static ServiceFault Of(IServiceRequest request, StatusCode status, TimeProvider clock) => new() { ResponseHeader = Header(request, status, clock) };

    public static ResponseHeader Header(IServiceRequest request, StatusCode status, TimeProvider clock) => new()
    {
        Timestamp = OpcClock.Now(clock),
        RequestHandle = request.RequestHeader.RequestHandle,
        ServiceResult = status,
    };
}

/// <summary>A service refuses a request as a whole.</summary>
internal sealed class ServiceRefusal(StatusCode status) : Exception(status.ToString())
{
    public StatusCode Status { get; } = status;

    /// <summary>Checks the size of a list of operations.</summary>
    public static void CheckCount(int count, int most)
    {
        if (count == 0) throw new ServiceRefusal(StatusCodes.BadNothingToDo);
        if (count > most) throw new ServiceRefusal(StatusCodes.BadTooManyOperations);
    }
}
