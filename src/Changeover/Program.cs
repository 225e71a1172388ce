Console.WriteLine("changeover 0.1.0");
