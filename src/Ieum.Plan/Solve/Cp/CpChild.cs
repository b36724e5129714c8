using System.Collections.Concurrent;
using Google.OrTools.Sat;
using Google.Protobuf;

namespace Ieum.Plan;

/// <summary>The far end of <see cref="CpProcess"/>: answers questions until its input closes, which it does with its parent.</summary>
public static class CpChild
{
    /// <summary>Serves one parent; returns when <paramref name="input"/> ends.</summary>
    public static void Serve(Stream input, Stream output)
    {
        using var questions = new BlockingCollection<byte[]>();
        var gate = new Lock();
        var stop = new CancellationTokenSource();
        // A thread of its own: the pool belongs to the solver's callbacks.
        var worker = new Thread(() =>
        {
            using var engine = new CpInProcess();
            foreach (var question in questions.GetConsumingEnumerable())
            {
                var (model, parameters) = CpFrames.Question(question);
                CancellationToken token;
                lock (gate) token = stop.Token;
                var answer = engine.Solve(model, parameters, v => Send('I', CpFrames.Solution(v)), b => Send('B', CpFrames.Bound(b)), token);
                Send('E', new CpSolverResponse
                {
                    Status = answer.Status,
                    BestObjectiveBound = answer.Bound,
                    Solution = { answer.Values },
                }.ToByteArray());
            }
        })
        { IsBackground = true, Name = "cp-sat" };
        worker.Start();
        while (CpFrames.Read(input) is { } frame)
        {
            if (frame.Kind == 'Q')
            {
                lock (gate) stop = new CancellationTokenSource();
                questions.Add(frame.Payload);
            }
            else if (frame.Kind == 'S')
            {
                lock (gate) stop.Cancel();
            }
        }
        lock (gate) stop.Cancel();
        questions.CompleteAdding();

        void Send(char kind, byte[] payload)
        {
            try { lock (output) CpFrames.Write(output, kind, payload); }
            catch (IOException)
            {
                // The parent is gone; the end of input ends this process too.
            }
        }
    }
}
